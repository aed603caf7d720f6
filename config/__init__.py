"""Settings, addresses and entry points of the site."""

__version__ = "0.1.0"
