"""What reads bytes of strangers, each as a function that raises nothing but what it promises."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping

from django.core.exceptions import ValidationError

from classifier.ml.text import normalise, words
from events.stream.bodies import BrokenBody, lines_of_body
from events.stream.event import BrokenLine
from events.stream.formats import FORMATS, UnknownFormat, detect_format, open_reader
from events.stream.lines import lines_of as event_lines
from events.stream.sigma import compile_rule
from events.stream.sigma_errors import InvalidRule, UnsupportedRule
from incidents.file_kinds import TAKEN, clean_name, content_type_of
from incidents.labels import LabelProblem, split_cell
from incidents.markdown import as_html, as_words, named_people
from incidents.observables import find_observables
from incidents.services.import_lines import FileUnreadable, lines_of
from incidents.texts import clean_text, clean_title
from tests.events.stream.formats.samples import ALL
from tests.events.stream.formats.test_hostile import assert_sound
from tests.security.markup import injected

RULE = b"""title: Unusual shell
logsource: {product: linux}
detection:
  selection: {process.name|endswith: [/bash, /sh], user.name: root}
  other: {source.ip|cidr: 10.0.0.0/8, bytes|gt: 5}
  condition: selection and not other
"""
EVENT = {"process.name": "/bin/bash", "user.name": "root", "source.ip": "10.0.0.1", "bytes": 7}


def read_format(name: str, data: bytes) -> None:
    reader = open_reader(name, entity_field="user.name")
    for raw in data.split(b"\n"):
        try:
            reading = reader.read(raw)
        except BrokenLine as refused:
            assert 0 < len(str(refused)) <= 300
        else:
            if reading is not None:
                assert_sound(reading)
    open_reader(name, header=reader.header)


def read_body(data: bytes) -> None:
    for kind in ("application/json", "text/plain"):
        try:
            lines = lines_of_body(data, kind, 1000)
        except BrokenBody as refused:
            assert str(refused)
        else:
            assert all(isinstance(line, bytes) for line in lines)


def guess_format(data: bytes) -> None:
    try:
        assert detect_format(data.split(b"\n")) in FORMATS
    except UnknownFormat as refused:
        assert str(refused)


def cut_lines(data: bytes) -> None:
    ends = [end for _line, end in event_lines(io.BytesIO(data), "file")]
    assert ends == sorted(ends) and (not ends or ends[-1] <= len(data))


def read_rule(data: bytes) -> None:
    try:
        rule = compile_rule(data.decode(errors="surrogateescape"))
    except (InvalidRule, UnsupportedRule) as refused:
        assert str(refused)
    else:
        rule.matches(EVENT)


def read_import(data: bytes) -> None:
    try:
        with lines_of(io.BufferedReader(io.BytesIO(data))) as lines:  # type: ignore[arg-type]
            lines.begin_record()
            for cells in csv.reader(lines, strict=True):
                for cell in cells:
                    read_cell(cell)
                lines.begin_record()
    except (FileUnreadable, csv.Error) as refused:
        assert str(refused)


def read_cell(cell: str) -> None:
    try:
        assert all(split_cell(cell, {"a or b", "b"}))
    except LabelProblem as refused:
        assert str(refused)


def read_text(data: bytes) -> None:
    text = data.decode(errors="surrogateescape")
    for clean in (clean_text, clean_title):
        try:
            cleaned = clean(text)
        except ValidationError as refused:
            assert refused.messages
        else:
            assert clean(cleaned) == cleaned if cleaned else True
    normal = normalise(text)
    assert normalise(normal) == normal
    assert all(normal[word.start : word.end] for word in words(normal))


def read_markdown(data: bytes) -> None:
    text = data.decode(errors="replace")
    html = as_html(text)
    assert injected(html) == []
    as_words(text)
    named_people(text)


def search_observables(data: bytes) -> None:
    for kind, value in find_observables(data[:5000].decode(errors="replace")):
        assert kind and value


def look_at_file(data: bytes) -> None:
    for ending in TAKEN:
        try:
            assert content_type_of(f"a{ending}", io.BytesIO(data)) == TAKEN[ending]
        except ValidationError as refused:
            assert refused.messages
    name = clean_name(data.decode(errors="surrogateescape"))
    assert name and len(name) <= 200 and "/" not in name and "\\" not in name and name.isprintable()


def _format_reader(name: str) -> Callable[[bytes], None]:
    return lambda data: read_format(name, data)


PARSERS: Mapping[str, Callable[[bytes], None]] = {
    **{f"format-{name}": _format_reader(name) for name in FORMATS},
    "body": read_body,
    "detect": guess_format,
    "lines": cut_lines,
    "sigma": read_rule,
    "import": read_import,
    "text": read_text,
    "markdown": read_markdown,
    "observables": search_observables,
    "file": look_at_file,
}
MARKDOWN = b"**bold** [a](http://b) `c` @lead <b>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n> quote\n- [x](javascript:hit())"
OBSERVABLES = b"hxxp://evil[.]example/a 192.0.2.7 d41d8cd98f00b204e9800998ecf8427e a@b.example 2001:db8::1"
SEEDS: Mapping[str, list[bytes]] = {
    **{f"format-{name}": lines for name, lines in ALL.items()},
    "body": [b'[{"a": 1}, {"b": [2]}]', b'{"a": 1}\n{"b": 2}\r\n', b"a,b\n1,2\n"],
    "detect": [lines[0] for lines in ALL.values()],
    "lines": [b"a\nb\r\n\n", b"a" * 300],
    "sigma": [RULE],
    "import": [b'\xef\xbb\xbftitle,text,category\r\n"a","b ""c""\nd",Fraud or Theft\r\n', b"text\n\xff\xfe\n"],
    "text": ["Grüße\r\na\u200bb \u202e\u0301 \ufb01".encode(), b"\xed\xa0\x80"],
    "markdown": [MARKDOWN],
    "observables": [OBSERVABLES],
    "file": [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"PK\x03\x04",
        b"%PDF-1.7\n",
        b"../a\\b.txt",
        b"\xd0\xcf\x11\xe0\xa1\xb1",
    ],
}


def seeds(name: str) -> Iterator[bytes]:
    yield from SEEDS[name]
