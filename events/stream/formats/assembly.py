"""The fields of one record, nested or not, to a reading: canonical names, numbers, categories, entity, time."""

from collections.abc import Mapping
from typing import Any

from events.stream.event import BrokenLine, Reading
from events.stream.formats.tables import (
    CATEGORY,
    COUNTED,
    GUESS,
    ID,
    MESSAGE,
    NUMBER,
    TEXT,
    TIME,
    Table,
    Target,
)  # fmt: skip
from events.stream.formats.times import seconds
from events.stream.formats.values import fitted, number_in

MOST_DEPTH = 20
MOST_FIELDS = 500
MOST_NUMBERS = 64
MOST_CATEGORIES = 8
MOST_PROBLEMS = 5  # of one line; more say nothing new
LONGEST_KEY = 200
LONGEST_GUESS = 64  # characters of a value that may be one of few; a longer one is prose
LONGEST_CATEGORY = 300
LONGEST_ENTITY = 200
LONGEST_ID = 200
MOST_REMEMBERED = 4096  # paths of a reader whose targets are kept: a sender of ever new names fills no memory
LONGEST_PROBLEM_NAME = 60
LARGEST = 1.7976931348623157e308
AGGREGATED = frozenset({NUMBER, COUNTED})
EXACT = 2.0**53  # beyond it, floats skip whole numbers: two entities could become one
UNSET = "-"  # what Windows and web servers write for nobody


class Assembler:
    """Puts readings together for one reader. It remembers the target of each path, and which fields were numbers."""

    def __init__(self, table: Table, entity_field: str = "") -> None:
        self._table = table
        self._targets: dict[str, Target] = {}
        self._pinned: dict[str, Target] = {}
        self._entity = table.entity
        if entity_field:
            name, kind = table.target(entity_field)
            self._entity = (name,)
            # Whom an event is about is not counted as a value of the event besides.
            self._pinned = {entity_field: (name, TEXT if kind in (GUESS, NUMBER, CATEGORY) else kind)}
            self._targets.update(self._pinned)

    def target(self, path: str) -> Target:
        known = self._targets.get(path)
        if known is None:
            if len(path) > LONGEST_KEY:
                raise BrokenLine(f"A field's name has {len(path):,} characters; at most {LONGEST_KEY} are taken.")
            if len(self._targets) >= MOST_REMEMBERED:
                self._targets.clear()
                self._targets.update(self._pinned)
            known = self._targets[path] = self._table.target(path)
        return known

    def reading(self, record: Mapping[str, Any], problems: list[str]) -> Reading:
        """`record` holds JSON values; `problems` are those of the line so far."""
        reading = Reading({}, {}, {}, problems=problems)
        self._add(record, "", reading, 1)
        return self.finished(reading)

    def finished(self, reading: Reading) -> Reading:
        """With its entity, and a message if there is another field to take it from."""
        fields = reading.fields
        if len(fields) > MOST_FIELDS:
            raise _too_many(len(fields))
        for name in self._entity:
            value = fields.get(name)
            if value is not None and (found := _name_of(value)):
                reading.entity_kind, reading.entity = name, found
                break
        if not reading.message:
            for name in self._table.message_from:
                value = fields.get(name)
                if isinstance(value, str):
                    reading.message = value
                    break
        if reading.problems:
            del reading.problems[MOST_PROBLEMS:]
        return reading

    def _add(self, record: Mapping[str, Any], prefix: str, reading: Reading, depth: int) -> None:
        """One loop over plain branches: this runs for every field of every event."""
        if len(record) > MOST_FIELDS:
            raise _too_many(len(record))
        fields, numbers, categories = reading.fields, reading.numbers, reading.categories
        known = self._targets
        for key, value in record.items():
            path = prefix + key if prefix else key
            if value is None:
                continue
            cls = value.__class__
            if cls is dict:
                self._nested(path, value, reading, depth)
                continue
            name, kind = known.get(path) or self.target(path)
            if name in fields:
                self._second(path, name, kind, value, reading)
                continue
            if cls is str:
                fields[name] = value
                if kind == TEXT:
                    pass
                elif kind == MESSAGE:
                    reading.message = value
                elif kind == GUESS:
                    if value and len(value) <= LONGEST_GUESS and len(categories) < MOST_CATEGORIES:
                        categories[name] = value
                else:
                    self._text(name, kind, value, reading)
            elif (cls is int or cls is float) and kind in AGGREGATED and -LARGEST <= value <= LARGEST:
                fields[name] = value
                if len(numbers) < MOST_NUMBERS:
                    numbers[name] = float(value)
            else:
                self._other(path, name, kind, value, reading, depth)

    def _nested(self, path: str, value: dict[str, Any], reading: Reading, depth: int) -> None:
        if depth >= MOST_DEPTH:
            raise _too_deep()
        if len(reading.fields) > MOST_FIELDS:
            raise _too_many(len(reading.fields))
        self._add(value, path + ".", reading, depth + 1)

    def _second(self, path: str, name: str, kind: int, value: Any, reading: Reading) -> None:
        """A name that the event has already: the first field keeps it, the second stays under its own."""
        if kind == TIME and reading.at is None:
            reading.at = seconds(value)
            if reading.at is not None:
                reading.problems[:] = [one for one in reading.problems if one != _unreadable(name)]
        own = path[:LONGEST_KEY]
        if own not in reading.fields:
            reading.fields[own] = _storable(value, 1)
        elif reading.fields[own] != value:
            _note(reading, f"{_short(own)} stands there twice")

    def _text(self, name: str, kind: int, value: str, reading: Reading) -> None:
        """A string, already among the fields, where a number, a time or an id was expected, or one value of few."""
        if kind == CATEGORY:
            if value and len(reading.categories) < MOST_CATEGORIES:
                reading.categories[name] = value[:LONGEST_CATEGORY]
        elif kind == TIME:
            self._time(name, value, reading)
        elif kind == ID:
            reading.given_id = fitted(value, LONGEST_ID)
        elif value and kind in AGGREGATED:
            number = number_in(value) if kind == NUMBER else None
            if number is None or not -LARGEST <= number <= LARGEST:
                _note(reading, f"{_short(name)} is no number")
                return
            reading.fields[name] = number
            if len(reading.numbers) < MOST_NUMBERS:
                reading.numbers[name] = float(number)

    def _other(self, path: str, name: str, kind: int, value: Any, reading: Reading, depth: int) -> None:
        """Everything rarer: lists, truth values, numbers where text was expected or that are no numbers."""
        if value.__class__ is list:
            self._list(name, kind, value, reading, depth)
        elif value.__class__ is float and not -LARGEST <= value <= LARGEST:
            reading.fields[name] = str(value)
            _note(reading, f"{_short(name)} is {value}, which is no number")
        else:
            reading.fields[name] = value
            self._scalar(path, name, kind, value, reading)

    def _scalar(self, path: str, name: str, kind: int, value: int | float | bool, reading: Reading) -> None:
        """A number or truth value, already among the fields."""
        if kind == GUESS:
            kind = COUNTED
            self._targets[path] = name, COUNTED
        if kind in AGGREGATED:
            if len(reading.numbers) < MOST_NUMBERS:
                reading.numbers[name] = float(value)
        elif kind == TIME:
            self._time(name, value, reading)
        elif kind == ID and value.__class__ is not int:
            # A whole number beyond 64 bits arrives as a rounded float: two ids could become one.
            _note(reading, f"{_short(name)} is no exact id")
        elif kind != TEXT:
            text = str(value).lower() if value.__class__ is bool else str(value)
            self._add_text(name, kind, text, reading)

    def _add_text(self, name: str, kind: int, text: str, reading: Reading) -> None:
        if kind == MESSAGE:
            # One text: a filter on the whole message must not be met by one of several.
            reading.message = reading.fields[name] = text
        else:
            self._text(name, kind, text, reading)

    def _list(self, name: str, kind: int, value: list[Any], reading: Reading, depth: int) -> None:
        """Lists are kept whole; one of scalars is a category by its members, joined, and any is so a message."""
        reading.fields[name] = _storable(value, depth)
        if kind == MESSAGE and value:
            self._add_text(name, kind, " ".join(map(str, value)), reading)
        elif kind == CATEGORY and value and all(isinstance(one, str | int | float) for one in value):
            self._add_text(name, kind, ",".join(map(str, value)), reading)
        elif kind in (NUMBER, COUNTED, ID, TIME):
            _note(reading, f"{_short(name)} is a list")

    def _time(self, name: str, value: Any, reading: Reading) -> None:
        reading.at = seconds(value)
        if reading.at is None and value != "":
            _note(reading, _unreadable(name))


def _storable(value: Any, depth: int) -> Any:
    """The value itself, unless it is nested too deeply (BrokenLine) or no number that JSON can hold (its name)."""
    if value.__class__ is float and not -LARGEST <= value <= LARGEST:
        return str(value)
    if value.__class__ is list or value.__class__ is dict:
        if depth > MOST_DEPTH:
            raise _too_deep()
        for member in value.values() if value.__class__ is dict else value:
            if member.__class__ is list or member.__class__ is dict:
                _storable(member, depth + 1)
    return value


def _name_of(value: Any) -> str:
    """Of an entity: text or a whole number, the first of a list; empty for what names nobody."""
    if value.__class__ is list:
        value = value[0] if value else None
    if value.__class__ is float and value.is_integer() and abs(value) < EXACT:
        value = int(value)
    if value.__class__ is int:
        return str(value)
    if value.__class__ is not str or value == UNSET:
        return ""
    return fitted(value.strip(), LONGEST_ENTITY)


def _note(reading: Reading, problem: str) -> None:
    if len(reading.problems) < MOST_PROBLEMS:
        reading.problems.append(problem)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_PROBLEM_NAME else f"{name[:LONGEST_PROBLEM_NAME]}…"


def _unreadable(name: str) -> str:
    return f"{_short(name)} is no readable time"


def _too_many(count: int) -> BrokenLine:
    return BrokenLine(f"The event has more than {MOST_FIELDS} fields ({count:,}); leave out what nobody needs.")


def _too_deep() -> BrokenLine:
    return BrokenLine(f"Its values are nested more than {MOST_DEPTH} deep.")
