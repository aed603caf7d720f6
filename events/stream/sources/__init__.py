"""Where lines are fetched from: folders, Redis Streams, Kafka; one interface for all."""

from events.stream.sources.source import Poll, Source, SourceUnavailable

__all__ = ["Poll", "Source", "SourceUnavailable"]
