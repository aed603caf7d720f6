"""The ground of the API: who may, how bodies are read, how errors are told, how lists are paged."""
