"""Names of versions, and whether a fresh one takes over by itself."""

import re
from importlib.metadata import version as package_version
from typing import Any

from classifier.ml.config import NO_T5
from classifier.models import Evaluation, ModelVersion, Promotion, TrainingRun
from classifier.services.promotion import PromotionRefused, promote

LINEAR_ONLY = "linear"


def free_name(base_model: str) -> str:
    """The next name of a version: what it was built from, and a number that no version has."""
    stem = LINEAR_ONLY if base_model == NO_T5 else base_model.rstrip("/").rsplit("/", 1)[-1]
    stem = re.sub(r"[^a-z0-9.]+", "-", stem.lower()).strip("-.") or "model"
    numbers = [int(found[1]) for name in _names() if (found := re.search(r"-v(\d+)$", name))]
    return f"{stem[:80]}-v{max(numbers, default=0) + 1}"


def code_version() -> str:
    """What wrote an artefact."""
    return f"caseloop 0.1, scikit-learn {package_version('scikit-learn')}"


def promote_if_due(version: ModelVersion, run: TrainingRun) -> str:
    """Promote a fresh version where that was asked for and it is no worse; says what was done and why."""
    mine = _served(version, version)
    champion = ModelVersion.objects.champion(version.line)
    if champion is None:
        floor = majority_accuracy(mine)
        if mine["category"]["accuracy"] <= floor:
            return f"not promoted: it does not beat the most frequent category ({floor:.3f})"
        reason = f"the first model that beats the most frequent category ({floor:.3f})"
    elif not run.promote_if_better:
        return f"{champion.name} stays in charge until somebody promotes this version"
    else:
        theirs = _served(champion, version)
        if mine["both"]["accuracy"] < theirs["both"]["accuracy"]:
            return (
                f"not promoted: {mine['both']['accuracy']:.3f} right on the test reports, "
                f"{champion.name} {theirs['both']['accuracy']:.3f}"
            )
        reason = f"no worse than {champion.name} on the same test reports, as was asked for"
    try:
        promotion = promote(version, by=run.requested_by, reason=reason)
    except PromotionRefused as error:
        return f"not promoted: {error}"
    return f"{Promotion.Action(promotion.action).label}: {reason}"


def majority_accuracy(figures: dict[str, Any]) -> float:
    """How often the most frequent category of the test split would be right."""
    rows = figures["confusion"]["counts"]
    return float(max(sum(row) for row in rows)) / figures["n"]


def _served(version: ModelVersion, on: ModelVersion) -> dict[str, Any]:
    row = version.evaluations.get(snapshot=on.snapshot, part=Evaluation.Part.SERVED)
    figures: dict[str, Any] = row.figures
    return figures


def _names() -> list[str]:
    return list(ModelVersion.objects.values_list("name", flat=True))
