"""What a benchmark may lack."""


class NotRun(Exception):
    """Something that the benchmark needs is not here; the message says what. It is skipped, never faked."""
