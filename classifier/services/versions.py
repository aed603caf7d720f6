"""Names of versions, and whether a fresh one takes over by itself."""

import itertools
import re
from typing import Any

from classifier.ml.config import NO_T5
from classifier.models import ModelVersion, Promotion, TrainingRun
from classifier.models.version import CLASSIFY
from classifier.services import gate
from classifier.services.promotion import PromotionRefused, promote

LINEAR_ONLY = "linear"


def free_name(base_model: str, line: str = CLASSIFY) -> str:
    """The next name of a version: what it was built from, else its line, and a number that no version has.

    Numbers count within the line: "flan-t5-small-v4", "detect-v3", "anomaly-sshd-v2".
    """
    stem = _slug(_base(base_model) if line == CLASSIFY else line)
    versions = ModelVersion.objects.filter(line=line).values_list("name", flat=True)
    numbers = [int(found[1]) for name in versions if (found := re.search(r"-v(\d+)$", name))]
    names = (f"{stem}-v{number}" for number in itertools.count(max(numbers, default=0) + 1))
    return next(name for name in names if not ModelVersion.objects.filter(name=name).exists())


def _base(base_model: str) -> str:
    return LINEAR_ONLY if base_model == NO_T5 else base_model.rstrip("/").rsplit("/", 1)[-1]


def _slug(text: str) -> str:
    return (re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "model")[:80]


def promote_if_due(version: ModelVersion, run: TrainingRun) -> str:
    """Promote a fresh version where that was asked for and it is no worse, or where nothing else can serve.

    Says what was done and why.
    """
    due, reason = _judged(version, run)
    if not due:
        return reason
    try:
        promotion = promote(version, by=run.requested_by, reason=reason)
    except PromotionRefused as error:
        return f"not promoted: {error}"
    return f"{Promotion.Action(promotion.action).label}: {reason}"


def promotion_outcome(version: ModelVersion, run: TrainingRun) -> tuple[bool, str]:
    """Whether the version of a finished run was promoted, and why or why not."""
    promotion = version.promotions.order_by("pk").first()
    return (True, promotion.reason) if promotion else (False, _judged(version, run)[1])


def _judged(version: ModelVersion, run: TrainingRun) -> tuple[bool, str]:
    """Whether a version is to be promoted by itself, and why or why not."""
    mine = gate.served_figures(version, version)
    assert mine is not None, "a version is stored together with its own figures"
    champion = ModelVersion.objects.champion(version.line)
    if champion is None:
        return _above_the_floor(mine, "the first model that beats", version.line)
    theirs = gate.served_figures(champion, version)
    if gate.unreadable(champion, measured=theirs is not None):
        why = f"{champion.name} cannot be read any more, and this version beats"
        return _above_the_floor(mine, why, version.line)
    if not run.promote_if_better:
        return False, f"{champion.name} stays in charge until somebody promotes this version"
    if theirs is None:
        return False, f"not promoted: {champion.name} was not measured on the same test reports"
    if mine["both"]["accuracy"] < theirs["both"]["accuracy"]:
        return False, (
            f"not promoted: {mine['both']['accuracy']:.3f} right on the test reports, "
            f"{champion.name} {theirs['both']['accuracy']:.3f}"
        )
    return True, f"no worse than {champion.name} on the same test reports, as was asked for"


def _above_the_floor(mine: dict[str, Any], why: str, line: str) -> tuple[bool, str]:
    """The verdict on a version that has no rival but the most frequent category."""
    floor = majority_accuracy(mine)
    rival = f"{'the most frequent category' if line == CLASSIFY else 'always the same answer'} ({floor:.3f})"
    if mine["category"]["accuracy"] <= floor:
        return False, f"not promoted: it does not beat {rival}"
    return True, f"{why} {rival}"


def majority_accuracy(figures: dict[str, Any]) -> float:
    """How often the most frequent category of the test split would be right."""
    rows: list[list[int]] = figures["confusion"]["counts"]
    return max(sum(row) for row in rows) / int(figures["n"])
