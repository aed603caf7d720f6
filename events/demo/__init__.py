"""A synthetic stream of sessions with planted attacks, marked as such by the name of its source."""
