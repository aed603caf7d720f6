"""Where inputs that once broke a parser are kept."""

from pathlib import Path

FOUND = Path(__file__).with_name("found")
