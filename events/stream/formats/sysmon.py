"""Sysmon and other Windows events, by Winlogbeat or evtx_dump."""

from events.stream.event import Reading
from events.stream.formats.assembly import MOST_CATEGORIES
from events.stream.formats.json_lines import JsonReader

HASHES = "winlog.event_data.Hashes"
PROGRAMS = {"process.executable": "process.name", "process.parent.executable": "process.parent.name"}
ALGORITHMS = {"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "IMPHASH": "imphash"}
LONGEST_NAME = 255  # characters of a file name that Windows takes
LONGEST_HASHES = 500


class SysmonReader(JsonReader):
    def read(self, raw: bytes) -> Reading | None:
        reading = super().read(raw)
        if reading is not None:
            _name_programs(reading)
            _split_hashes(reading)
        return reading


def _name_programs(reading: Reading) -> None:
    """evtx_dump gives paths only; the name of a program is what can be counted."""
    for path, name in PROGRAMS.items():
        program = reading.fields.get(path)
        if isinstance(program, str) and name not in reading.fields:
            short = program.rpartition("\\")[2][:LONGEST_NAME]
            reading.fields[name] = short
            if short and len(reading.categories) < MOST_CATEGORIES:
                reading.categories[name] = short


def _split_hashes(reading: Reading) -> None:
    """`SHA1=...,MD5=...` of Sysmon: of the program for process events, else of the file."""
    listed = reading.fields.get(HASHES)
    if not isinstance(listed, str) or len(listed) > LONGEST_HASHES:
        return
    for part in listed.split(","):
        algorithm, _, value = part.partition("=")
        if known := ALGORITHMS.get(algorithm.strip().upper()):
            reading.fields.setdefault(f"file.hash.{known}", value.strip().lower())
