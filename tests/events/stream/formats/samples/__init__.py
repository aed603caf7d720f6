"""Lines as the products write them, made up after their public descriptions: one file per format."""

from pathlib import Path

from events.stream.event import Reading
from events.stream.formats import FORMATS, open_reader

HERE = Path(__file__).parent


def lines_of(name: str) -> list[bytes]:
    return (HERE / f"{name}.log").read_bytes().splitlines()


def readings_of(name: str, file: str = "") -> list[Reading]:
    """Of a format's own sample, or of another file's."""
    reader = open_reader(name)
    return [reading for raw in lines_of(file or name) if (reading := reader.read(raw)) is not None]


ALL = {name: lines_of(name) for name in FORMATS}
