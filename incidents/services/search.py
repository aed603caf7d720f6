"""Finding reports by the words of their texts, comments and labels, or by their number."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from incidents.models import Incident, SearchDocument
from incidents.models.incident import IncidentQuerySet
from incidents.words import words_of

MOST_FOUND = 5_000  # newest; who means an older one adds a word
SHORTEST_BEGINNING = 3  # letters from which the last word also finds longer ones: "pass" finds "password"
_PIECE = re.compile(r'-?"[^"]*"?|\S+')
_NUMBER = re.compile(r"#?([0-9]{1,18})", re.ASCII)
_PHRASE = "phraseto_tsquery('simple', %s)"
_BEGINNING = f"CASE WHEN numnode({_PHRASE}) > 0 THEN ({_PHRASE}::text || ':*')::tsquery END"


@dataclass(frozen=True)
class _Term:
    """Words that stand beside each other; the last may be the beginning of one."""

    words: Sequence[str]
    beginning: bool = False

    @property
    def phrase(self) -> str:
        return " ".join(self.words)


def index_reports(incident_ids: Iterable[int]) -> None:
    """Have these reports found by the words that their texts, comments and labels have now.

    Call it in the transaction of whatever changed them. Reports that are gone are gone from the index by themselves.
    """
    SearchDocument.objects.write(incident_ids)


def found(reports: IncidentQuerySet, words: str) -> IncidentQuerySet:
    """Those of the newest `MOST_FOUND` with all of the words; see `ids_of`."""
    return reports.numbered(ids_of(words))


def ids_of(words: str, *, every: bool = False) -> list[int]:
    """The numbers of the reports with all of the words, the newest first, at most `MOST_FOUND` unless `every` is asked.

    `"two words"` stand side by side, `-word` must not be there, `#12` or `12` is also the report of that number.
    Whatever is typed is an answerable question: signs are no words, and nothing but signs finds nothing.
    """
    wanted, unwanted = _terms(words)
    number = number_of(words)
    by_number = [] if number is None else list(Incident.objects.filter(pk=number).values_list("pk", flat=True))
    if not wanted and not unwanted:
        return by_number
    statement, arguments = (
        _on_postgresql(wanted, unwanted) if connection.vendor == "postgresql" else _on_sqlite(wanted, unwanted)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} DESC" if every else f"{statement} DESC LIMIT {MOST_FOUND}", arguments)
        return [*by_number, *(pk for (pk,) in cursor.fetchall() if pk not in by_number)]


def number_of(words: str) -> int | None:
    """The number of the report that is asked for, where it is nothing but a number."""
    number = _NUMBER.fullmatch(words.strip())
    return int(number[1]) if number else None


def _terms(words: str) -> tuple[list[_Term], list[_Term]]:
    """What reports must have, and what they must not."""
    wanted, unwanted = [], []
    for piece in _PIECE.finditer(words):
        spelled = words_of(piece[0])
        if not spelled:
            continue
        last = piece.end() == len(words) and not piece[0].endswith('"') and len(spelled[-1]) >= SHORTEST_BEGINNING
        if piece[0].startswith("-"):
            unwanted.append(_Term(spelled))
        else:
            wanted.append(_Term(spelled, beginning=last))
    return wanted, unwanted


def _on_postgresql(wanted: Sequence[_Term], unwanted: Sequence[_Term]) -> tuple[str, list[str]]:
    having = [_BEGINNING if term.beginning else _PHRASE for term in wanted]
    query = " && ".join([*having, *(f"!!{_PHRASE}" for _ in unwanted)])
    arguments = [term.phrase for term in (*wanted, *unwanted) for _ in range(1 + term.beginning)]
    return (
        f"SELECT incident_id FROM incidents_searchdocument WHERE lexemes @@ ({query}) ORDER BY incident_id",  # nosec B608 # noqa: S608 - a query of placeholders, words are bound
        arguments,
    )


def _on_sqlite(wanted: Sequence[_Term], unwanted: Sequence[_Term]) -> tuple[str, list[str]]:
    match = "SELECT rowid FROM incidents_searchindex WHERE incidents_searchindex MATCH %s"
    without = " OR ".join(f'"{term.phrase}"' for term in unwanted)
    if not wanted:  # FTS5 knows "this but not that", and no "not that" alone
        documents = "SELECT incident_id FROM incidents_searchdocument"
        return f"{documents} WHERE incident_id NOT IN ({match}) ORDER BY incident_id", [without]
    having = " AND ".join(f'"{term.phrase}"' + " *" * term.beginning for term in wanted)
    return f"{match} ORDER BY rowid", [f"({having}) NOT ({without})" if unwanted else having]
