"""The gate before a promotion, with the rules that an admin has set, and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from classifier.ml import gate
from classifier.ml.artifact import CLASSIFIER, ArtifactUnusable, open_artifact
from classifier.ml.gate import Check, ClassLoss, GateRules, Verdict
from classifier.ml.outcomes import paired
from classifier.models import Evaluation, ModelVersion
from classifier.services.outcomes import figures_today, outcomes_of, served_row
from classifier.services.taxonomy_since import since
from classifier.store import ArtifactUnreachable
from classifier.wording import share
from incidents import policy

UNCOMPARED = "compared"
SHOWN_CLASSES = 5


@dataclass(frozen=True)
class ToldCheck:
    """A check in words: what was looked at, and what was found."""

    title: str
    state: str
    finding: str
    classes: Sequence[str] = ()


def rules_in_force() -> GateRules:
    return GateRules(**{name: policy.value(f"gate_{name}") for name in GateRules.__dataclass_fields__})


def verdict_on(version: ModelVersion) -> Verdict:
    """What stands between a version and its promotion now. Reads rows only.

    Nothing where there is no champion, where that cannot be read any more, and on lines without labelled test sets.
    """
    champion = ModelVersion.objects.champion(version.line)
    if champion is None or champion == version or version.scores_events:
        return Verdict()
    mine, theirs = (served_row(one, version.snapshot) for one in (version, champion))
    if unreadable(champion, measured=theirs is not None):
        return Verdict()
    if mine is None or theirs is None:
        return Verdict((Check(UNCOMPARED, gate.FAILED),))
    rules, int8 = rules_in_force(), version.int8_measured
    if alike := _by_the_same_labels(mine, theirs):
        return gate.judge(*alike, rules, int8)
    return gate.judge_apart(mine.figures, theirs.figures, rules, int8)


def _by_the_same_labels(mine: Evaluation, theirs: Evaluation) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The figures of both sides; where labels have changed since, by those of today, on the reports that both have an
    outcome of. None where the two were measured by other labels and outcomes were not kept.
    """
    between = [since(row.taxonomy_version_id) for row in (mine, theirs)]
    if not any(words.paths or words.moved_of(mine.snapshot.path_ids) for words in between):
        return mine.figures, theirs.figures
    one, other = outcomes_of(mine), outcomes_of(theirs)
    if one and other:
        one, other = paired(one, other)
        return (mine.figures | one.figures(), theirs.figures | other.figures()) if one else None
    same = mine.taxonomy_version_id == theirs.taxonomy_version_id
    return (mine.figures, theirs.figures) if same else None


def served_figures(version: ModelVersion, on: ModelVersion) -> dict[str, Any] | None:
    """Of a version as served, on the test reports of another one; None where it was not measured there."""
    row = served_row(version, on.snapshot)
    return figures_today(row) if row else None


def unreadable(champion: ModelVersion, *, measured: bool) -> bool:
    """Whether no worker can load it. Its files are read through only where it could not be measured either."""
    if measured:
        return champion.artefact_is_lost
    try:
        open_artifact(champion.artefact, CLASSIFIER)
    except ArtifactUnusable:
        return True
    except ArtifactUnreachable:  # by and by it can: no version gets past the gate for want of a rival
        return False
    return False


def told(verdict: Verdict) -> list[ToldCheck]:
    return [_told(check) for check in verdict.checks]


def to_json(verdict: Verdict) -> list[dict[str, Any]]:
    """The checks with their figures and in words."""
    words = [{"title": one.title, "finding": one.finding} for one in told(verdict)]
    return [check | word for check, word in zip(verdict.to_json()["checks"], words, strict=True)]


def objections(verdict: Verdict) -> str:
    """Why the gate refuses, as sentences; "" where it does not."""
    return " ".join(sentence for check in verdict.failed for sentence in (_told(check).finding, *_worst(check)))


def _told(check: Check) -> ToldCheck:
    title, finding = _WORDS[check.name](check)
    return ToldCheck(title, check.state, finding, [_class_loss(one) for one in check.classes])


def _worst(check: Check) -> list[str]:
    more = len(check.classes) - SHOWN_CLASSES
    shown = [f"{_class_loss(one)}." for one in check.classes[:SHOWN_CLASSES]]
    return [*shown, _("And %(n)s more.") % {"n": more}] if more > 0 else shown


def _class_loss(one: ClassLoss) -> str:
    told = _("%(label)s: F1 %(before)s before, %(after)s now, on %(n)s test reports")
    return told % {"label": one.label, "before": share(one.before), "after": share(one.after), "n": one.support}


def _compared(check: Check) -> tuple[str, str]:
    return _("Measured side by side"), _(
        "The champion was not measured on this version's test reports yet: have them compared first."
    )


def _labels(_check: Check) -> tuple[str, str]:
    return _("Measured by the same labels"), _(
        "Not compared: the labels have changed since it was measured, and what was decided of each test report was not"
        " kept. Have the two compared anew, which measures them once more."
    )


def _reports(check: Check) -> tuple[str, str]:
    told = _("%(n)s test reports; at least %(limit)s are asked for.")
    return _("Enough test reports"), told % {"n": f"{check.figure:.0f}", "limit": f"{check.limit:.0f}"}


def _overall(check: Check) -> tuple[str, str]:
    told = _("%(after)s of the test reports exactly right, %(before)s before; %(limit)s less is allowed.")
    figures = {"after": share(check.figure), "before": share(check.before), "limit": share(check.limit)}
    return _("No worse over all"), told % figures


def _classes(check: Check) -> tuple[str, str]:
    title = _("No class much worse")
    few = _(" %(n)s classes have too few to be judged.") % {"n": check.not_judged} if check.not_judged else ""
    if check.state == gate.SKIPPED:
        return title, _("No class has enough test reports to be judged by itself.")
    if check.classes:
        told = _("%(n)s of %(judged)s classes lose more than %(limit)s of F1.")
        return title, told % {"n": len(check.classes), "judged": check.judged, "limit": share(check.limit)} + few
    told = _("None of %(judged)s classes loses more than %(limit)s of F1; the largest loss is %(loss)s.")
    loss = share(max(check.figure or 0.0, 0.0))
    return title, told % {"judged": check.judged, "limit": share(check.limit), "loss": loss} + few


def _calibration(check: Check) -> tuple[str, str]:
    told = _("Calibration error %(after)s, %(before)s before; up to %(limit)s, or no more than before, is allowed.")
    figures = {"after": f"{check.figure:.3f}", "before": f"{check.before:.3f}", "limit": f"{check.limit:.3f}"}
    return _("Confidence can be believed"), told % figures


def _int8(check: Check) -> tuple[str, str]:
    title = _("int8 decides alike")
    if check.state == gate.SKIPPED:
        return title, _("Not asked for: where int8 is not near enough, float32 is served.")
    if check.figure is None:
        return title, _("Not measured yet on enough reports; %(limit)s alike are asked for.") % {
            "limit": share(check.limit)
        }
    told = _("%(agreement)s of the reports decided as in float32; %(limit)s are asked for.")
    return title, told % {"agreement": share(check.figure), "limit": share(check.limit)}


_WORDS = {
    UNCOMPARED: _compared,
    gate.LABELS: _labels,
    gate.REPORTS: _reports,
    gate.OVERALL: _overall,
    gate.CLASSES: _classes,
    gate.CALIBRATION: _calibration,
    gate.INT8: _int8,
}
