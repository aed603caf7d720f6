"""What an admin asks of a prediction before it is relied on."""

from classifier.ml.reliance import Reliance
from incidents import policy


def reliance_in_force() -> Reliance:
    return Reliance.at_cost(policy.value("error_cost"), policy.value("coverage"))
