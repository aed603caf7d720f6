"""Pages: who, what, where to. What happens stands in the services."""
