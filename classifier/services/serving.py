"""In what precision a version is served, in words."""

from classifier.ml.variant import ENOUGH, VariantMeasure
from classifier.models import ModelVersion
from classifier.models.version import CLASSIFY
from classifier.services.unseen import unseen_texts
from incidents import policy


def precision_on_cpu(version: ModelVersion) -> str:
    """Which variant workers without a GPU serve, and why; "" for a version that has one form only.

    That is one without T5, or of another line than that of the reports, on which alone int8 is measured.
    """
    if version.is_linear_alone or version.line != CLASSIFY:
        return ""
    measured = version.int8_measured
    if measured is None or not measured.on_enough:
        return f"float32: int8 {_why_not_measured(version)}"
    if measured.objection:
        return f"float32: int8 is not near enough, {measured.objection}"
    if not policy.value("int8_on_cpu"):
        return f"float32: int8 is switched off in the settings, {_in_figures(measured)}"
    return f"int8: {_in_figures(measured)}"


def _why_not_measured(version: ModelVersion) -> str:
    count = len(unseen_texts(version.snapshot))
    if count < ENOUGH:
        return f"is not measured: {count} of {ENOUGH} test and undecided reports"
    if not policy.value("int8_on_cpu"):
        return "is switched off in the settings, and not measured"
    if version.stage != ModelVersion.Stage.CHAMPION:
        return "is not measured, which is done once the version is in charge"
    return "is not measured yet"


def _in_figures(measured: VariantMeasure) -> str:
    return (
        f"{measured.agreement:.2%} of {measured.n} test and undecided reports decided as in float32,"
        f" no probability moved by more than {measured.largest_change:.3f}, {measured.speedup:.1f} times the speed"
    )
