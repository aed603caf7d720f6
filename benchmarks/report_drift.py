"""Do tests of drift find what has changed among reports, and how often do they cry wolf?

TRAM, shuffled, so that nothing drifts but what is put in; five draws. Of each, a linear expert learns from 40 %; 400
of the rest are what predictions are compared with, as test reports are in the product; one category is kept from all
of these. The others come in windows.

False alarms: looks at shuffled windows at which an alarm begins. Delay: reports from the moment on which something
changes until an alarm stands; without one after 1,000 reports it was missed. Rivals: to fire always, to fire never,
and the rule of thumb for the population stability index, 0.2, of the predicted categories. The rule that is shipped,
and what each test compares with what, were chosen on five other draws (seeds 0 to 4).

`brief` of the results stands in classifier/services/drift_measured.json, for the page of drift.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import samples, tram
from benchmarks.needs import NotRun
from classifier.ml import report_drift as drift
from classifier.ml.augmentation import misspelt
from classifier.ml.config import NO_T5, TrainingConfig, TrainingData
from classifier.ml.hybrid import HybridModel
from classifier.ml.ngrams import NgramSpace
from classifier.ml.report_drift import KINDS, RULE, TEXT, Answers, Rule
from classifier.ml.taxonomy import category_text
from classifier.ml.training import fit

NAME = "report_drift"
ABOUT = "tests of drift on TRAM: false alarms on shuffled reports and delay on injected shifts, beside always and never"
SEEDS = range(5, 10)
SHUFFLES, RUNS = 20, 5  # of each draw: shuffled streams, and streams with each shift
SIZES = (50, 100, 200)  # reports of a window; the second is what is shipped
SHIPPED = 100
BEFORE, AFTER = 300, 1000  # reports before a shift, and after it
UNSURE_BELOW = 0.5  # as the settings have it
USUAL = 400  # reports that predictions are compared with
NEW = ("collection", "credential-access", "discovery", "lateral-movement", "initial-access")  # draw by draw, kept back
SWELLS = ("command-and-control", "execution", "command-and-control", "execution", "discovery")
MIXED_IN, TIMES = 0.15, 3.0
PSI = 0.2

Look = Mapping[str, float]  # the p-value of each kind, and "psi"
Series = Sequence[Look]


@dataclass(frozen=True, eq=False)
class _Pool:
    """Reports with all that is compared of them, row by row."""

    vectors: NDArray[np.float32]  # n-grams
    own: NDArray[np.float32]  # the encoder's
    categories: NDArray[np.str_]
    confidence: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.confidence)

    def of(self, rows: NDArray[np.intp]) -> "_Pool":
        return _Pool(self.vectors[rows], self.own[rows], self.categories[rows], self.confidence[rows])

    def and_of(self, other: "_Pool") -> "_Pool":
        pairs = ((getattr(self, name), getattr(other, name)) for name in self.__dataclass_fields__)
        return _Pool(*(np.concatenate(pair) for pair in pairs))

    @property
    def answers(self) -> Answers:
        return Answers(self.categories.tolist(), self.confidence < UNSURE_BELOW)


@dataclass(frozen=True, eq=False)
class _World:
    """One draw: what the model learned from, what comes, and the same with each thing wrong with it."""

    learned: _Pool
    pool: _Pool
    swells: NDArray[np.bool_]  # of `pool`
    varied: Mapping[str, _Pool]  # the pool's reports written otherwise
    foreign: Mapping[str, _Pool]


def run(quick: bool) -> dict[str, Any]:
    try:
        data = tram.load()
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    worlds = [_world(data, seed) for seed in (SEEDS[:1] if quick else SEEDS)]
    sizes = [SHIPPED] if quick else SIZES
    looked = {size: _looked(worlds, size, quick) for size in sizes}
    rows = [_row(name, SHIPPED, alarms, looked[SHIPPED]) for name, alarms in _policies().items()]
    rows += [_row("as shipped", size, _by_rule(RULE), looked[size]) for size in sizes if size != SHIPPED]
    return {
        "rows": rows,
        "single_tests": _single_tests(worlds, 1 if quick else 30),
        "looks": {str(size): sum(map(len, clean)) for size, (clean, _) in looked.items()},
        "window": SHIPPED,
        "rule": {"level": RULE.level, "needed": RULE.needed, "of": RULE.of},
        "note": "false alarms per 100 looks; then, by shift, reports until an alarm (median; blank: missed by most) and"
        f" the share of streams in which it came within {AFTER} reports",
    }


SHOWN = ("as shipped", "stability index over 0.2", "always fire", "never fire")


def brief(result: Mapping[str, Any]) -> dict[str, Any]:
    """What the page of drift tells of what was written to results/."""
    rows = {row["alarm"]: row for row in reversed(result["rows"]) if row["window"] == SHIPPED}
    return {
        "benchmark": NAME,
        "date": result["date"],
        "window": result["window"],
        "looks": result["looks"][str(SHIPPED)],
        "rule": result["rule"],
        "rows": [
            {
                "alarm": name,
                "false": rows[name]["false per 100 looks"],
                "shifts": {
                    shift: {"delay": rows[name][shift], "found": rows[name][f"{shift}: found"]} for shift in SHIFTS
                },
            }
            for name in SHOWN
        ],
    }


def _world(data: tram.Tram, seed: int) -> _World:
    random = np.random.default_rng(seed)
    category = np.array(data.strings(data.examples, "category"))
    order = random.permutation(len(category))
    kept_back = NEW[seed % len(NEW)]
    known = order[category[order] != kept_back]
    ends = int(0.4 * len(known)), int(0.46 * len(known))
    learned, held, rest = known[: ends[0]], known[ends[0] : ends[1]], known[ends[1] :]
    train, validation = (tuple(data.examples[row] for row in rows) for rows in (learned, held))
    with TemporaryDirectory() as folder:
        config = TrainingConfig(base_model=NO_T5, seed=seed)
        model = fit(TrainingData(data.paths, train, validation), config, Path(folder), lambda progress: None)
    space = NgramSpace.fit([example.text for example in train])

    def read(texts: Sequence[str]) -> _Pool:
        return _read(model, space, data, texts)

    texts = [data.examples[row].text for row in rest]
    typos = [" ".join(misspelt(text.split(), 0.3, random)) for text in texts]
    short = [" ".join(text.split()[:6]) for text in texts]
    new = [data.examples[row].text for row in np.flatnonzero(category == kept_back)]
    return _World(
        learned=read([example.text for example in train]),
        pool=read(texts),
        swells=category[rest] == SWELLS[seed % len(SWELLS)],
        varied={"typos in half": read(typos), "half cut to six words": read(short)},
        foreign={"new category, 15 %": read(new), "another source, 15 %": read(samples.reports()[:600])},
    )


def _read(model: HybridModel, space: NgramSpace, data: tram.Tram, texts: Sequence[str]) -> _Pool:
    results = model.classify_batch(texts)
    categories = [category_text([data.paths[path] for path in result.decided]) for result in results]
    own = np.stack([result.vector for result in results if result.vector is not None])
    confidence = np.array([result.confidence for result in results])
    return _Pool(space.vectors(texts), own, np.array(categories), confidence)


SHIFTS = (
    "category three times as frequent", "new category, 15 %", "another source, 15 %", "typos in half",
    "half cut to six words", "unsure three times as frequent",
)  # fmt: skip


def _drawn(world: _World, rest: NDArray[np.intp], size: int, shift: str, random: np.random.Generator) -> _Pool:
    """A window of the rows `rest` of the pool with a shift, or none."""
    pool, weights = world.pool, np.ones(len(rest))
    if shift == SHIFTS[0]:
        weights[world.swells[rest]] = TIMES
    elif shift == SHIFTS[5]:
        weights[pool.confidence[rest] < UNSURE_BELOW] = TIMES
    rows = random.choice(rest, size, replace=False, p=weights / weights.sum())
    if shift in world.foreign:
        other, mixed = world.foreign[shift], round(MIXED_IN * size)
        return pool.of(rows[mixed:]).and_of(other.of(random.choice(len(other), mixed, replace=False)))
    if shift in world.varied:
        return world.varied[shift].of(rows[: size // 2]).and_of(pool.of(rows[size // 2 :]))
    return pool.of(rows)


@dataclass(frozen=True, eq=False)
class _Watch:
    """What windows are compared with, and how one is looked at."""

    learned: NDArray[np.float32]
    usual: Answers

    @classmethod
    def over(cls, world: _World, usual: NDArray[np.intp]) -> "_Watch":
        return cls(world.learned.vectors[: drift.MOST_REFERENCE], world.pool.of(usual).answers)

    def look(self, window: _Pool, seed: int) -> Look:
        tests = drift.compare_answers(window.answers, self.usual, seed)
        tests[TEXT] = drift.text_test(window.vectors, self.learned, seed)
        return {kind: test.p for kind, test in tests.items()} | {
            "psi": _psi(window.answers.categories, self.usual.categories)
        }


def _psi(window: Sequence[str], usual: Sequence[str]) -> float:
    """The population stability index; half a report where a category has none."""
    one, other = Counter(window), Counter(usual)
    names = {*one, *other}
    shares = [np.array([max(side[name], 0.5) / sum(side.values()) for name in names]) for side in (one, other)]
    return float(((shares[0] - shares[1]) * np.log(shares[0] / shares[1])).sum())


def _looked(worlds: Sequence[_World], size: int, quick: bool) -> tuple[list[Series], dict[str, list[Series]]]:
    """Shuffled streams, and streams with each shift."""
    clean: list[Series] = []
    shifted: dict[str, list[Series]] = {shift: [] for shift in SHIFTS}
    for seed, world in enumerate(worlds):
        random = np.random.default_rng([seed, size])
        for _ in range(2 if quick else SHUFFLES):
            order = random.permutation(len(world.pool))
            watch, rest = _Watch.over(world, order[:USUAL]), order[USUAL:]
            windows = np.split(rest[: len(rest) // size * size], len(rest) // size)
            clean.append([watch.look(world.pool.of(rows), place) for place, rows in enumerate(windows)])
        for shift in SHIFTS:
            shifted[shift] += [_stream(world, size, shift, random) for _ in range(1 if quick else RUNS)]
        print(f"size {size}, draw {seed}", flush=True)
    return clean, shifted


def _stream(world: _World, size: int, shift: str, random: np.random.Generator) -> Series:
    order = random.permutation(len(world.pool))
    watch, rest = _Watch.over(world, order[:USUAL]), order[USUAL:]
    shifts = [""] * -(-BEFORE // size) + [shift] * (AFTER // size)
    return [watch.look(_drawn(world, rest, size, one, random), place) for place, one in enumerate(shifts)]


Alarms = Callable[[Series], list[bool]]  # at which looks an alarm stands


def _by_rule(rule: Rule, kinds: Sequence[str] = KINDS) -> Alarms:
    def stand(series: Series) -> list[bool]:
        return [
            any(rule.holds([look[kind] for look in series[: place + 1]]) for kind in kinds)
            for place in range(len(series))
        ]

    return stand


def _policies() -> dict[str, Alarms]:
    rules = {
        "as shipped": RULE,
        "once at 5 %": Rule(0.05, 1, 1),
        "once at 1 %": Rule(0.01, 1, 1),
        "once at 0.2 %": Rule(0.002, 1, 1),
        "twice running at 5 %": Rule(0.05, 2, 2),
        "2 of 3 at 5 %": Rule(0.05, 2, 3),
        "2 of 3 at 2.5 %": Rule(0.025, 2, 3),
        "2 of 3 at 1 %": Rule(0.01, 2, 3),
        "3 of 5 at 5 %": Rule(0.05, 3, 5),
    }
    policies = {name: _by_rule(rule) for name, rule in rules.items()}
    policies |= {f"as shipped, {kind} alone": _by_rule(RULE, [kind]) for kind in KINDS}
    return policies | {
        "stability index over 0.2": lambda series: [look["psi"] > PSI for look in series],
        "always fire": lambda series: [True] * len(series),
        "never fire": lambda series: [False] * len(series),
    }


def _row(name: str, size: int, alarms: Alarms, looked: tuple[list[Series], dict[str, list[Series]]]) -> dict[str, Any]:
    clean, shifted = looked
    told = sum(_begun(alarms(series), name) for series in clean)
    row: dict[str, Any] = {"alarm": name, "window": size}
    row["false per 100 looks"] = round(100 * told / sum(map(len, clean)), 2)
    for shift in SHIFTS:
        delays = [_delay(alarms(series), size) for series in shifted[shift]]
        middle = float(np.median(delays))
        row[shift] = None if np.isinf(middle) else round(middle)
        row[f"{shift}: found"] = round(float(np.isfinite(delays).mean()), 2)
    return row


def _begun(stands: Sequence[bool], name: str) -> int:
    """Whoever always fires tells it anew at each look; a rule tells an alarm when it begins."""
    if name == "always fire":
        return len(stands)
    return sum(now and not before for before, now in zip([False, *stands], stands, strict=False))


def _delay(stands: Sequence[bool], size: int) -> float:
    after = stands[-(-BEFORE // size) :]
    return float(size * (after.index(True) + 1)) if True in after else float("inf")


def _single_tests(worlds: Sequence[_World], windows: int) -> list[dict[str, Any]]:
    """How often one test of one window has p <= 5 %, by what it compares with what."""
    hits: dict[tuple[str, str], list[bool]] = {}
    for seed, world in enumerate(worlds):
        random = np.random.default_rng([seed, 99])
        for place in range(windows):
            order = random.permutation(len(world.pool))
            usual, rest = order[:USUAL], order[USUAL:]
            for shift in ("", *SHIFTS):
                window = _drawn(world, rest, SHIPPED, shift, random)
                for name, p in _ways(world, window, world.pool.of(usual), place):
                    hits.setdefault((name, shift or "nothing"), []).append(p <= 0.05)
    names = dict.fromkeys(name for name, _ in hits)
    shares = {key: round(float(np.mean(found)), 2) for key, found in hits.items()}
    return [{"test": name, **{shift: shares[name, shift] for shift in ("nothing", *SHIFTS)}} for name in names]


def _ways(world: _World, window: _Pool, usual: _Pool, seed: int) -> list[tuple[str, float]]:
    learned = world.learned.of(np.arange(drift.MOST_REFERENCE))
    by_reference = {"learned from": learned, "not learned from": usual}
    found: list[tuple[str, float]] = []
    for name, one in by_reference.items():
        found.append((f"n-grams, {name}", drift.text_test(window.vectors, one.vectors, seed).p))
        found.append((f"encoder, {name}", drift.text_test(window.own, one.own, seed).p))
        tests = drift.compare_answers(window.answers, one.answers, seed)
        found += [(f"{kind}, {name}", test.p) for kind, test in tests.items()]
    return found
