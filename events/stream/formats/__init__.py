"""Raw lines of any known format to readings: `open_reader("suricata").read(line)`."""

from collections.abc import Callable

from events.stream.formats.cef import CefReader
from events.stream.formats.csv_lines import CsvReader, ReferenceReader
from events.stream.formats.detect import detect_format
from events.stream.formats.json_lines import JsonReader
from events.stream.formats.names import FORMATS, UnknownFormat
from events.stream.formats.reader import Reader
from events.stream.formats.syslog import SyslogReader
from events.stream.formats.sysmon import SysmonReader
from events.stream.formats.tables import load_table
from events.stream.formats.zeek import ZeekReader

__all__ = ["FORMATS", "Reader", "UnknownFormat", "detect_format", "open_reader"]

_READERS: dict[str, Callable[..., Reader]] = {
    "csv": CsvReader,
    "reference": ReferenceReader,
    "zeek": ZeekReader,
    "sysmon": SysmonReader,
    "syslog": SyslogReader,
    "cef": CefReader,
}


def open_reader(name: str, *, header: str = "", entity_field: str = "") -> Reader:
    """A reader for the lines of one file or batch, in their order.

    `header` is the one in force before the first line (`Reader.header` of an earlier batch). `entity_field` names the
    field that says whom an event is about, in place of the format's choice. Raises UnknownFormat for a name that is
    not in FORMATS, BrokenLine for a header that cannot be one.
    """
    if name not in FORMATS:
        raise UnknownFormat(f"There is no format {name[:40]!r}. Choose one of: {', '.join(FORMATS)}.")
    return _READERS.get(name, JsonReader)(load_table(name), header=header, entity_field=entity_field)
