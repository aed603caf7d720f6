"""In what precision a version is served, in words."""

from django.utils.translation import gettext as _

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
        return _why_not_measured(version)
    if measured.objection:
        return _("float32: int8 is not near enough, %(objection)s") % {"objection": measured.objection}
    if not policy.value("int8_on_cpu"):
        return _("float32: int8 is switched off in the settings, %(figures)s") % {"figures": _in_figures(measured)}
    return _("int8: %(figures)s") % {"figures": _in_figures(measured)}


def _why_not_measured(version: ModelVersion) -> str:
    count = len(unseen_texts(version.snapshot))
    if count < ENOUGH:
        told = _("float32: int8 is not measured: %(count)s of %(enough)s test and undecided reports")
        return told % {"count": count, "enough": ENOUGH}
    if not policy.value("int8_on_cpu"):
        return _("float32: int8 is switched off in the settings, and not measured")
    if version.stage != ModelVersion.Stage.CHAMPION:
        return _("float32: int8 is not measured, which is done once the version is in charge")
    return _("float32: int8 is not measured yet")


def _in_figures(measured: VariantMeasure) -> str:
    told = _(
        "%(share)s of %(n)s test and undecided reports decided as in float32, no probability moved by more than"
        " %(change)s, %(speedup)s times the speed"
    )
    share, change = f"{measured.agreement:.2%}", f"{measured.largest_change:.3f}"
    return told % {"share": share, "n": measured.n, "change": change, "speedup": f"{measured.speedup:.1f}"}
