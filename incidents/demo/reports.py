"""Synthetic incident reports: invented, seeded, never two alike, about as hard to tell apart as real ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from incidents.demo import narrative
from incidents.demo.phrasebook import PathPatterns, Phrasebook, load_phrasebook
from incidents.demo.taxonomy import DemoDataError
from incidents.demo.typing_habits import as_typed
from incidents.demo.writer import Writer

TWO_LABELS = 0.06
HINGLISH = 0.08
SHORT = 0.10
ABROAD = 0.2
# Tuned so that a linear SVM on TF-IDF gets about seven paths of eight right: neighbours are confused as in life.
VAGUE = 0.20
MAX_ATTEMPTS = 500  # for 2,400 reports none needs more than a few
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class SyntheticReport:
    """An invented report. `rows` are its (category, sub-category) labels; `document` groups reports, "" for none."""

    title: str
    text: str
    rows: tuple[tuple[str, str], ...]
    document: str = ""


def generate_reports(n: int = 2400, seed: int = 20) -> Iterator[SyntheticReport]:
    """Yield `n` reports, the same for the same `n` and `seed`; no two have the same set of words.

    Every path has its share from about 1,000 reports on. Raises ValueError for n < 1, and DemoDataError
    when the patterns cannot yield so many different reports.
    """
    if n < 1:
        raise ValueError(f"ask for at least one report, not {n}")
    rng = Random(seed)  # noqa: S311  invented texts, nothing secret
    book = load_phrasebook()
    plan = _plan(n, book, rng)
    return _written(plan, book, rng)


def _plan(n: int, book: Phrasebook, rng: Random) -> list[tuple[PathPatterns, ...]]:
    """The path or paths of each report, shuffled: exact shares rather than draws, so that no path runs short."""
    doubles = [rng.choice(book.pairs) for _ in range(round(n * TWO_LABELS))]
    weights = [path.weight for path in book.paths]
    scale = (n - len(doubles)) / sum(weights)
    counts = [int(weight * scale) for weight in weights]
    remainders = sorted(range(len(counts)), key=lambda i: counts[i] - weights[i] * scale)
    for i in remainders[: n - len(doubles) - sum(counts)]:
        counts[i] += 1
    singles = [(path,) for path, count in zip(book.paths, counts, strict=True) for _ in range(count)]
    plan = [*singles, *doubles]
    rng.shuffle(plan)
    return plan


def _written(plan: list[tuple[PathPatterns, ...]], book: Phrasebook, rng: Random) -> Iterator[SyntheticReport]:
    seen: set[str] = set()
    for paths in plan:
        for _ in range(MAX_ATTEMPTS):
            report = _write(paths, book, rng)
            fingerprint = " ".join(sorted(set(_WORD.findall(report.text.lower()))))
            if fingerprint not in seen:
                break
        else:
            raise DemoDataError(f"no new report found after {len(seen)}; ask for fewer or add patterns")
        seen.add(fingerprint)
        yield report


def _write(paths: tuple[PathPatterns, ...], book: Phrasebook, rng: Random) -> SyntheticReport:
    hinglish = len(paths) == 1 and rng.random() < HINGLISH / (1 - TWO_LABELS)
    abroad = not hinglish and not any(path.india_only for path in paths) and rng.random() < ABROAD
    writer = Writer(rng, book.slots, abroad=abroad, vague=rng.random() < VAGUE)
    text = as_typed(_compose(writer, book, paths, hinglish=hinglish), rng)
    return SyntheticReport(narrative.title(writer, book, paths[0]), text, tuple(path.row for path in paths))


def _compose(writer: Writer, book: Phrasebook, paths: tuple[PathPatterns, ...], *, hinglish: bool) -> str:
    if len(paths) == 2:
        return narrative.double_report(writer, book, *paths)
    if hinglish:
        return narrative.hinglish_report(writer, book, paths[0])
    if writer.rng.random() < SHORT:
        return narrative.short_report(writer, book, paths[0])
    return narrative.prose_report(writer, book, paths[0])
