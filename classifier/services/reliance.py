"""What an admin asks of a prediction before it is relied on."""

from classifier.ml.reliance import Reliance
from classifier.models import ActingPolicy
from classifier.services.policy_today import policy_today
from incidents import policy


def reliance_in_force() -> Reliance:
    acting = ActingPolicy.objects.select_related("version__snapshot").order_by("-pk").first()
    costs = policy_today(acting).costs if acting else None
    return Reliance.at_cost(policy.value("error_cost"), policy.value("coverage"), costs)
