"""Why a label: the report's own words, marked by how strongly they speak for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from classifier.models import Explanation, Prediction
from classifier.services import explanations
from classifier.services.explanations import CarriedWord
from classifier.wording import in_words
from incidents.models import Path

MARKED = 12  # words at most: more are a carpet, not a mark
LEAST = 0.15  # of the strongest word's weight
STRONGER = (0.3, 0.5, 0.75)  # of it: from here on strength 2, 3, 4
NAMED = 5  # of the strongest are listed beside the text


@dataclass(frozen=True)
class Run:
    """A piece of text; `strength` is 0 for an unmarked one, up to 4."""

    text: str
    strength: int = 0


@dataclass(frozen=True)
class Why:
    """What a page says of one label. `state` is `unasked`, `waiting`, `computed`, `impossible` or `failed`.

    `title` and `text` are the report's, in runs. `by_linear` is the linear expert's share of what is marked; None where
    one expert alone has a say.
    """

    state: str
    path: Path
    others: Sequence[Path]  # the other labels that were decided
    by_champion: bool  # else by an earlier version, which a worker has to load for this alone
    trouble: str = ""
    title: Sequence[Run] = ()
    text: Sequence[Run] = ()
    strongest: Sequence[str] = ()
    by_linear: float | None = None


def why(prediction: Prediction | None, path_id: int | None = None) -> Why | None:
    """Of the most probable label that was decided, if none is named; None where no model has read the text."""
    if prediction is None:
        return None
    path_id = path_id or prediction.path_ids[0]
    paths = Path.objects.with_names().in_bulk({path_id, *prediction.path_ids})
    if path_id not in paths or paths[path_id].present is None:  # retired since
        return None
    others = [paths[pk] for pk in prediction.path_ids if pk != path_id and pk in paths]
    unasked = Why("unasked", paths[path_id], others, prediction.version.is_champion)
    explanation = explanations.find(prediction, path_id)
    if explanation is None:
        return unasked
    state = explanations.state(explanation)
    if state != "computed":
        troubles = explanations.troubles(explanation) if state in explanations.TROUBLES else ()
        return replace(unasked, state=state, trouble=" ".join(map(in_words, troubles)))
    return _computed(unasked, explanation)


def _computed(unasked: Why, explanation: Explanation) -> Why:
    revision = explanation.prediction.text_revision
    words = _marked(explanations.words_of(explanation))
    return replace(
        unasked,
        state="computed",
        title=_runs(revision.masked_title, [word for word in words if word.part == "title"], words),
        text=_runs(revision.masked_text, [word for word in words if word.part == "text"], words),
        strongest=_named(words, {"title": revision.masked_title, "text": revision.masked_text}),
        by_linear=_share_of_linear(words),
    )


def _marked(words: Iterable[CarriedWord]) -> list[CarriedWord]:
    """Those worth marking, the strongest first; only what speaks for the label."""
    speaking = sorted((word for word in words if word.total > 0), key=lambda word: -word.total)[:MARKED]
    return [word for word in speaking if word.total >= LEAST * speaking[0].total]


def _runs(text: str, inside: Iterable[CarriedWord], marked: Sequence[CarriedWord]) -> list[Run]:
    """The whole text, cut where marks begin and end."""
    runs, done = [], 0
    for word in sorted(inside, key=lambda word: word.start):
        runs += [Run(text[done : word.start]), Run(text[word.start : word.end], _strength(word, marked[0]))]
        done = word.end
    return [run for run in [*runs, Run(text[done:])] if run.text]


def _strength(word: CarriedWord, strongest: CarriedWord) -> int:
    return 1 + sum(word.total >= share * strongest.total for share in STRONGER)


def _named(words: Iterable[CarriedWord], parts: Mapping[str, str]) -> list[str]:
    """The strongest words, each once however it is capitalised."""
    named: dict[str, str] = {}
    for word in words:
        bare = _bare(parts[word.part][word.start : word.end])
        named.setdefault(bare.casefold(), bare)
    return list(named.values())[:NAMED]


def _bare(word: str) -> str:
    """A word without the punctuation around it, unless it is nothing else."""
    letters = [place for place, letter in enumerate(word) if letter.isalnum()]
    return word[letters[0] : letters[-1] + 1] if letters else word


def _share_of_linear(words: Sequence[CarriedWord]) -> float | None:
    linear, t5 = (max(0.0, sum(values)) for values in ([w.linear for w in words], [w.t5 for w in words]))
    if not any(word.linear for word in words) or not any(word.t5 for word in words):
        return None
    return linear / ((linear + t5) or 1)
