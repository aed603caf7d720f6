"""Where other rows quote an erased report: prose of people, kept searches, words of themes and drift, guide examples.

A word goes where only erased reports held it; names and addresses of an erased account go wherever they stand here.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.apps import apps
from django.db.models import Model

from incidents.models import (
    Attachment,
    Comment,
    Erasure,
    Incident,
    Label,
    Observable,
    PassingReason,
    ReporterMessage,
    TextRevision,
)
from incidents.services.erasing_accounts import names_of
from incidents.services.search import ids_of
from incidents.words import words_of

GONE = "[erased]"
RUN = 6  # words in a row that no two people write by chance
SHORTEST = 3  # letters of a word that can tell something
# Fields that people fill with prose of their own, which may repeat a report's words.
PROSE = (
    "incidents.BulkRun.reason", "incidents.TaxonomyStep.reason", "incidents.Category.guide",
    "incidents.SubCategory.guide", "incidents.ImportBatch.name", "incidents.SavedView.name",
    "incidents.Label.reason", "incidents.LegalHold.reason", "incidents.ApiToken.name", "classifier.Promotion.reason",
    "classifier.Refusal.reason", "classifier.ForceRequest.reason", "classifier.ForceRequest.answer",
    "classifier.ActingPolicy.reason", "classifier.PromiseAlarm.note", "classifier.DriftAlarm.note",
    "events.Filter.name", "events.Filter.reason", "incidents.Theme.name",
)  # fmt: skip
SEARCHES = ("incidents.SavedView.query", "incidents.BulkRun.query")
EXAMPLES = ("incidents.Category.examples", "incidents.SubCategory.examples")
DRIFT_WORDS = "classifier.DriftLook.words"
FIELDS = (*PROSE, *SEARCHES, *EXAMPLES, DRIFT_WORDS)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Said:
    """What the reports of an erasure say: their words, their texts as runs of words, and names to be gone anywhere."""

    words: frozenset[str]
    texts: tuple[str, ...]
    names: tuple[str, ...]
    held: dict[str, bool] = field(default_factory=dict)  # whether another report has a word, as far as it was asked

    @classmethod
    def of(cls, erasure: Erasure) -> "Said":
        spelt = [words_of(text) for text in _texts(erasure)]
        words = {word for words in spelt for word in words if len(word) >= SHORTEST}
        said = cls(frozenset(words), tuple(" ".join(words) for words in spelt if words), ())
        names = names_of(erasure.account) if erasure.account else []
        return replace(said, names=tuple(name for name in names if said.tells(name)))

    def tells(self, name: str) -> bool:
        """Whether a name points to somebody; one like "fraud", which others write as a word, does not."""
        return "@" in name or not all(map(self.is_held, words_of(name)))

    def is_held(self, word: str) -> bool:
        """Whether a report that is not erased has this word."""
        if word not in self.held:
            self.held[word] = bool(ids_of(f'"{word}"'))
        return self.held[word]

    def gone(self, text: str) -> set[str]:
        """The words of a text that no report holds any more but those that are erased."""
        return {word for word in self.words.intersection(words_of(text)) if not self.is_held(word)}

    def without(self, text: str) -> str:
        """The text with what is gone taken out."""
        for name in self.names:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", GONE, text, flags=re.IGNORECASE)
        gone = self.gone(text)
        return _WORD.sub(lambda match: GONE if gone.intersection(words_of(match[0])) else match[0], text)

    def quoted_in(self, text: str) -> bool:
        """Whether an example is made of a report: its own words, or a run of common ones."""
        words = words_of(text)
        runs = {" ".join(words[start : start + RUN]) for start in range(max(len(words) - RUN, 0) + 1)}
        return self.without(text) != text or (
            len(words) >= SHORTEST and any(f" {run} " in f" {own} " for run in runs for own in self.texts)
        )


def erase_quotes(erasure: Erasure) -> int:
    """Take what is gone out of all of these fields; how many rows that changed. Safe to run twice."""
    said = Said.of(erasure)
    changed = sum(_rewrite(field, said.without) for field in PROSE)
    changed += sum(_rewrite(field, lambda query: _search_without(said, query)) for field in SEARCHES)
    changed += sum(
        _rewrite(field, lambda examples: [one for one in examples if not said.quoted_in(one)]) for field in EXAMPLES
    )
    return changed + _rewrite(
        DRIFT_WORDS, lambda words: [one for one in words if said.without(str(one["word"])) == str(one["word"])]
    )


def _texts(erasure: Erasure) -> Iterator[str]:
    mine = {"incident__erasure": erasure}
    for title, text in TextRevision.objects.filter(**mine).values_list("title", "text").iterator():
        yield title
        yield text
    for contact, document in Incident.objects.filter(erasure=erasure).values_list("contact", "document").iterator():
        yield contact
        yield document
    for model, column in _BESIDE:
        yield from model._default_manager.filter(**mine).values_list(column, flat=True).iterator()


_BESIDE: Collection[tuple[type[Model], str]] = (
    (Comment, "text"),
    (ReporterMessage, "text"),
    (Attachment, "name"),
    (Observable, "value"),
    (Label, "reason"),
    (PassingReason, "text"),
)


def _rewrite(field: str, change: Any) -> int:
    """Give each row of "app.Model.field" what `change` makes of its value; how many that changed."""
    model, name = apps.get_model(field.rpartition(".")[0]), field.rpartition(".")[2]
    return sum(_written(model, name, pk, change(value), value) for pk, value in _filled(model, name))


def _filled(model: type[Model], name: str) -> Iterable[tuple[Any, Any]]:
    rows: Iterable[tuple[Any, Any]] = model._default_manager.exclude(**{name: ""}).values_list("pk", name)
    return [(pk, value) for pk, value in rows if value]


def _written(model: type[Model], name: str, pk: Any, new: Any, old: Any) -> bool:
    return new != old and bool(model._default_manager.filter(pk=pk).update(**{name: new}))


def _search_without(said: Said, query: str) -> str:
    """A list's address whose search words name what is gone keeps its other filters."""
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if said.without(value) == value]
    return query if len(kept) == len(parse_qsl(query, keep_blank_values=True)) else urlencode(kept)
