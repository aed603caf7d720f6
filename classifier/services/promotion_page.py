"""What stands on the page that promotes a version: the gate, the effect on reports, who else has to agree."""

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.ml.gate import Verdict
from classifier.models import ForceRequest, ModelVersion
from classifier.services import gate
from classifier.services.gate import ToldCheck
from classifier.services.impact import KnownImpact, known_impact


@dataclass(frozen=True)
class PromotionPage:
    """`request` is open when somebody has asked to pass the gate by force."""

    verdict: Verdict
    checks: Sequence[ToldCheck]
    impact: KnownImpact
    request: ForceRequest | None


def promotion_page(version: ModelVersion) -> PromotionPage:
    verdict = gate.verdict_on(version)
    asked = ForceRequest.objects.open().filter(version=version).select_related("asked_by").first()
    return PromotionPage(verdict, gate.told(verdict), known_impact(version), asked)


def open_force_requests(line: str) -> "list[ForceRequest]":
    """What waits for a second person on a model line, the newest first."""
    waiting = ForceRequest.objects.open().filter(version__line=line)
    return list(waiting.select_related("version", "asked_by"))
