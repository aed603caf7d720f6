"""What is drawn of a few thousand reports before any row is written."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.desk_child.people import ACCURACY, Desk
from incidents.demo.reports import generate_reports

DAYS = 180  # that the reports are spread over
STATUSES = {
    "decided": 0.568,
    "classified": 0.33,
    "rejected": 0.06,
    "second_look": 0.025,
    "new": 0.002,
    "waiting_reporter": 0.01,
    "merged": 0.005,
}
LABELLED = ("decided", "rejected", "second_look")
SOURCES = {"import": 0.45, "web": 0.35, "api": 0.2}
WORDINGS = 10_000  # texts as people write them; later reports put two of them together
TWINS = 0.08  # of the reports are worded like an earlier one of their piece
MASS = 0.3  # Dirichlet parameter of what the models leave to the other paths

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """A piece of reports; every field has an entry for each, those of predictions an entry for each version first."""

    numbers: range
    titles: Sequence[str]
    texts: Sequence[str]
    created: Sequence[dt.datetime]
    status: Sequence[str]
    source: Sequence[str]
    twins: Sequence[str]
    truth: NDArray[np.int64]  # places in the desk's paths
    guessed: NDArray[np.int64]
    chances: NDArray[np.float16]  # per version, report and path
    anomaly: Floats
    chance: Floats  # one more number by chance, for what comes next

    def came_decided(self, place: int) -> bool:
        """Whether an import brought its label."""
        return self.source[place] == "import" and self.chance[place] < 0.6

    def claimed(self, place: int) -> dt.datetime:
        """When somebody took a labelled report up: from minutes to two days after it came."""
        return self.created[place] + dt.timedelta(hours=48 * float(self.chance[place]) ** 2)

    def labelled(self, place: int) -> dt.datetime:
        """When it got the label that stands."""
        return self.claimed(place) + dt.timedelta(minutes=1 + 30 * float(self.chance[place]))


class Planner:
    """Draws pieces one after the other, the same for the same seed and total."""

    def __init__(self, desk: Desk, total: int, rng: np.random.Generator, now: dt.datetime) -> None:
        self._desk, self._total, self._rng, self._now = desk, total, rng, now
        self._wordings = list(generate_reports(min(total, WORDINGS), seed=11))

    def piece(self, numbers: range) -> Plan:
        rng, count = self._rng, len(numbers)
        truth = rng.choice(len(self._desk.paths), count, p=self._desk.shares)
        guessed = self._guessed(truth)
        titles, texts = zip(*map(self._words, numbers), strict=True)
        return Plan(
            numbers=numbers,
            titles=titles,
            texts=texts,
            created=[self._now - dt.timedelta(days=DAYS * (1 - (one + 0.5) / self._total)) for one in numbers],
            status=rng.choice(list(STATUSES), count, p=list(STATUSES.values())).tolist(),
            source=rng.choice(list(SOURCES), count, p=list(SOURCES.values())).tolist(),
            twins=self._twins(numbers),
            truth=truth,
            guessed=guessed,
            chances=self._chances(guessed),
            anomaly=100 * rng.random(count),
            chance=rng.random(count),
        )

    def _words(self, number: int) -> tuple[str, str]:
        """A report's own wording; of later ones, the sentences of one and the circumstances of another."""
        turn, place = divmod(number, len(self._wordings))
        report = self._wordings[place]
        if not turn:
            return report.title, report.text
        other = self._wordings[(place * 7 + turn) % len(self._wordings)]
        return report.title, f"{report.text[: len(report.text) // 2]} {other.text[len(other.text) // 2 :]}"

    def _twins(self, numbers: range) -> list[str]:
        earlier = self._rng.integers(0, np.arange(len(numbers)) // 4 + 1)  # few are often repeated
        alike = self._rng.random(len(numbers)) < TWINS
        return [
            f"text:{numbers[first if again else place]:040d}"
            for place, (first, again) in enumerate(zip(earlier, alike, strict=True))
        ]

    def _guessed(self, truth: NDArray[np.int64]) -> NDArray[np.int64]:
        right = self._rng.random((len(ACCURACY), len(truth))) < np.array(ACCURACY)[:, None]
        other = self._rng.choice(len(self._desk.paths), right.shape, p=self._desk.shares)
        return np.where(right, truth, other)

    def _chances(self, guessed: NDArray[np.int64]) -> NDArray[np.float16]:
        rest = self._rng.standard_gamma(MASS, (*guessed.shape, len(self._desk.paths)))
        sure = 0.2 + 0.79 * self._rng.beta(3, 1.2, guessed.shape)
        chances = rest / rest.sum(axis=-1, keepdims=True) * (1 - sure)[..., None]
        np.put_along_axis(chances, guessed[..., None], sure[..., None], axis=-1)
        return (chances / chances.sum(axis=-1, keepdims=True)).astype(np.float16)
