"""What an admin asks of a prediction before it is relied on."""

from classifier.ml.reliance import Reliance
from classifier.models import ActingPolicy
from incidents import policy


def reliance_in_force() -> Reliance:
    acting = ActingPolicy.objects.order_by("-pk").first()
    return Reliance.at_cost(policy.value("error_cost"), policy.value("coverage"), acting.costs if acting else None)
