"""Can a reporter choose the label of a report, and what does it take?

Every attack of hostile_texts.py on test reports that all readers but the rules get right (synthetic reports of the demo
and TRAM, one label each). Shares of the attacked reports: "wrong" has another label than before; "wanted" has the label
that the attacker named, the most frequent one that is not the report's own. "Before" is the same model reading as it
did up to commit b2d26be (earlier_form.py). What a user would pick instead reads the text as it is: scikit-learn's
TF-IDF with a linear SVM, and rules of ten telling words a label.

"Accepted" are wrong labels that would stand with no person looking: above the thresholds that a policy of 10 % accepted
errors has on other test reports, beside what is kept back for hidden characters and for its length.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import tram
from benchmarks.attack_data import AttackData, attack_data
from benchmarks.attack_rivals import KeywordRules, PlainSvm
from benchmarks.earlier_form import earlier_form, read_as_earlier
from benchmarks.hostile_texts import ATTACKS, Wanted, attacked
from benchmarks.needs import NotRun
from classifier.ml.acting import ACCEPT, Plan, Wish, band, plan
from classifier.ml.config import TrainingConfig
from classifier.ml.hidden import hidden
from classifier.ml.outcomes import Outcomes
from classifier.ml.results import Classification, Example
from classifier.ml.taxonomy import LabelPath, category_text
from classifier.ml.text import normalise
from classifier.ml.training import fit

NAME = "attacks"
ABOUT = "hostile texts against the hybrid before and after its normal form, its experts, a plain SVM and keyword rules"
SEED = 0
ATTACKED = 60  # test reports of each data set
ACCEPTED_ERROR = 0.1
LONGER_THAN = 0.99  # of the held-out reports, as classifier/services/unlike_measured.py has it

Rows = Sequence[Classification]


def run(quick: bool) -> dict[str, Any]:
    try:
        sets = attack_data(SEED, quick)
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    figures = [_Attacked(data, quick).figures() for data in sets]
    return {
        "rows": [row for found in figures for row in found["rows"]],
        "data": [{name: value for name, value in found.items() if name != "rows"} for found in figures],
        "note": "percent of the attacked reports",
    }


@dataclass(frozen=True)
class _Policy:
    """Thresholds of acting, and the longest text that they hold for."""

    plan: Plan
    longest: int
    paths: Sequence[LabelPath]

    @classmethod
    def of(cls, rows: Rows, examples: Sequence[Example], paths: Sequence[LabelPath]) -> "_Policy":
        outcomes = Outcomes.of(range(len(rows)), rows, [example.paths for example in examples], paths)
        lengths = sorted(len(example.text) for example in examples)
        return cls(plan(outcomes, Wish(ACCEPTED_ERROR)), lengths[int(LONGER_THAN * (len(lengths) - 1))], paths)

    def accepts(self, row: Classification) -> bool:
        high = self.plan.highs.get(category_text([self.paths[place] for place in row.decided]))
        return band(row.confidence, 0.0, high) == ACCEPT

    def covers(self, text: str) -> bool:
        return len(text) <= self.longest and not hidden(text)


class _Attacked:
    """One data set with the trained readers."""

    def __init__(self, data: AttackData, quick: bool) -> None:
        self.name, self.split, self.paths = data.name, data.split, data.split.data.paths
        config = TrainingConfig(seed=SEED, epochs=1 if quick else None, device="cpu")
        with TemporaryDirectory() as folder:
            self.model = fit(data.split.data, config, Path(folder), lambda progress: None)
        self.before = replace(self.model, by_share_read=False)
        known = [example for example in data.split.known if len(example.paths) == 1]
        self.rivals = {"plain SVM": PlainSvm(known), "keyword rules": KeywordRules(known)}
        self.texts_of = {path: [one.text for one in known if one.paths == (path,)] for path in range(len(self.paths))}
        common = Counter(example.paths[0] for example in known).most_common(2)
        self.targets = [path for path, _ in common]

    def figures(self) -> dict[str, Any]:
        test = list(self.split.test)
        now, before = self.model.classify_batch([one.text for one in test]), self._before([one.text for one in test])
        right = {"before": _right(before, test), "now": _right(now, test)}
        half = len(test) // 2
        policy = _Policy.of(now[:half], test[:half], self.paths)
        chosen = self._chosen(test[half:], right["now"][half:])
        rows = [self._row(attack, chosen, policy) for attack in ATTACKS]
        texts = [one.text for one in test]
        return {
            "data": self.name,
            "rows": rows,
            "test_reports": len(test),
            "attacked": len(chosen),
            "clean_accuracy": {name: round(100 * float(found.mean()), 1) for name, found in right.items()},
            "clean_texts_read_otherwise": sum(normalise(text) != earlier_form(text) for text in texts),
            "clean_texts_with_hidden_characters": sum(bool(hidden(text)) for text in texts),
            "accepted_of_clean": sum(policy.accepts(row) for row in now[half:]),
            "of_these_kept_back": sum(
                policy.accepts(row) and not policy.covers(one.text)
                for row, one in zip(now[half:], test[half:], strict=True)
            ),
            "longest_covered": policy.longest,
        }

    def _before(self, texts: Sequence[str]) -> Rows:
        with read_as_earlier():
            return self.before.classify_batch(texts)

    def _chosen(self, test: Sequence[Example], right: NDArray[np.bool_]) -> list[Example]:
        plain = self.rivals["plain SVM"].predict([one.text for one in test])
        both = [
            one
            for one, ours, theirs in zip(test, right, plain, strict=True)
            if ours and len(one.paths) == 1 and theirs == one.paths[0]
        ]
        return both[:ATTACKED]

    def _row(self, attack: str, chosen: Sequence[Example], policy: _Policy) -> dict[str, Any]:
        targets = [self.targets[one.paths[0] == self.targets[0]] for one in chosen]
        texts = [
            attacked(attack, one.text, self._wanted(target), number)
            for number, (one, target) in enumerate(zip(chosen, targets, strict=True))
        ]
        parts, before = self.model.classify_parts(texts), self._before(texts)
        now = parts["blend"]
        wrong = ~_right(now, chosen)
        accepted = np.array([policy.accepts(row) for row in now])
        covered = np.array([policy.covers(text) for text in texts])
        wrong_before, accepted_before = ~_right(before, chosen), np.array([policy.accepts(row) for row in before])
        figures = {
            "before: wrong": wrong_before,
            "now: wrong": wrong,
            "linear": ~_right(parts["linear"], chosen),
            "T5": ~_right(parts["t5"], chosen),
            **{
                name: np.array([p != one.paths[0] for p, one in zip(rival.predict(texts), chosen, strict=True)])
                for name, rival in self.rivals.items()
            },
            "before: wanted": _has(before, targets),
            "now: wanted": _has(now, targets),
            "before: wrong and accepted": wrong_before & accepted_before,
            "now: wrong and accepted": wrong & accepted & covered,
            "flagged": np.array([bool(hidden(text)) for text in texts]),
        }
        row = {"data": self.name, "attack": attack}
        row |= {name: round(100 * float(found.mean()), 1) for name, found in figures.items()}
        print(row, flush=True)
        return row

    def _wanted(self, target: int) -> Wanted:
        path = self.paths[target]
        return Wanted(path.sub_category or category_text([path]), self.texts_of[target])


def _right(rows: Rows, examples: Sequence[Example]) -> NDArray[np.bool_]:
    return np.array([set(row.decided) == set(one.paths) for row, one in zip(rows, examples, strict=True)], bool)


def _has(rows: Rows, targets: Sequence[int]) -> NDArray[np.bool_]:
    return np.array([target in row.decided for row, target in zip(rows, targets, strict=True)], bool)
