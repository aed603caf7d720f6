"""How often the watch on the coverage of label sets calls a kept promise broken, and how soon it finds a broken one.

Simulated: whatever the model and its scores are, the share that a kept promise misses is a draw from one beta
distribution, given the number of calibration reports. "ours" is classifier/ml/promise.py as it runs; the rival is the
same test, as if the promise held of each single set of calibration reports. For the delay, the odds of a miss change
at once, by so much that on average 20 or 30 % are missed in place of 10; the evidence from before stays.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.ml.promise import LEVEL, TIMES, against, left_possible, staked

COVERAGE = 0.9
CALIBRATED = (30, 60, 150, 300, 600, 2_000)
REPORTS = (200, 1_000, 5_000)
DROPS = (0.8, 0.7)  # coverage from then on
BEFORE = 200  # blind reports of which it was kept
REIGNS = 2_000

Floats = NDArray[np.float64]
Possible = Callable[[int, Floats, int], Any]

WAYS: dict[str, Possible] = {
    "ours": lambda calibrated, missed, seen: left_possible(COVERAGE, calibrated, missed, seen),
    "promise of each set": lambda calibrated, missed, seen: np.full(len(missed), 1 - COVERAGE),
}


def rows(quick: bool) -> list[dict[str, Any]]:
    """Percent of reigns with a false alarm within so many blind reports, and blind reports until an alarm."""
    reigns = 40 if quick else REIGNS
    return [_row(calibrated, way, reigns) for calibrated in (CALIBRATED[:1] if quick else CALIBRATED) for way in WAYS]


def _row(calibrated: int, way: str, reigns: int) -> dict[str, Any]:
    rng = np.random.default_rng(calibrated)
    above = calibrated + 1 - int(np.ceil((calibrated + 1) * COVERAGE))
    kept = rng.beta(above, calibrated + 1 - above, reigns)
    row: dict[str, Any] = {"calibration reports": calibrated, "way": way}
    first = _first_alarms(rng, [kept] * REPORTS[-1], calibrated, WAYS[way])
    row |= {f"false within {n}": round(100 * float((first <= n).mean()), 1) for n in REPORTS}
    for coverage in DROPS:
        odds = kept / (1 - kept) * (1 - coverage) / coverage * COVERAGE / (1 - COVERAGE)
        shares = [kept] * BEFORE + [odds / (1 + odds)] * REPORTS[1]
        after = _first_alarms(rng, shares, calibrated, WAYS[way]) - BEFORE
        late = after[after > 0]
        found = late <= REPORTS[1]
        row |= {
            f"{coverage:.0%}: found": round(100 * float(found.mean()), 1),
            f"{coverage:.0%}: after": int(np.median(late[found])) if found.any() else None,
        }
    return row


def _first_alarms(rng: np.random.Generator, shares: list[Floats], calibrated: int, possible: Possible) -> Floats:
    """The blind report of each reign at which the alarm is raised; infinite where it is not. `shares`: of misses, of
    each reign, report by report.
    """
    reigns = len(shares[0])
    stakes, missed, first = np.zeros((reigns, len(TIMES))), np.zeros(reigns), np.full(reigns, np.inf)
    for seen, share in enumerate(shares):
        misses = rng.random(reigns) < share
        stakes = staked(stakes, misses, 1 - COVERAGE, possible(calibrated, missed, seen))
        missed += misses
        first = np.where((against(stakes) >= 1 / LEVEL) & np.isinf(first), seen + 1, first)
    return first
