"""The settings that an admin may change: their types, defaults and meaning. Values stand in `Setting` rows."""

from dataclasses import dataclass
from typing import Any

from incidents.models import Setting


@dataclass(frozen=True)
class Policy:
    """One setting: bool, or a number between `minimum` and `maximum`."""

    key: str
    label: str
    help: str
    default: bool | int | float
    minimum: float = 0
    maximum: float = 1


POLICIES = {
    policy.key: policy
    for policy in (
        Policy(
            "anonymous_filing",
            "Filing without an account",
            "Anybody who reaches the form may file a report.",
            True,
        ),
        Policy("open_sign_up", "Open sign-up", "Anybody may create a reporter's account.", True),
        Policy(
            "error_cost",
            "Cost of a wrong label",
            "In looks by an analyst. A new prediction is unsure when a look costs less than the risk: at 2 below a"
            " confidence of 50 %, at 10 below 90 %. Those made before keep their mark.",
            2.0,
            1,
            1000,
        ),
        Policy(
            "coverage",
            "Promise of the possible labels",
            "A new prediction lists as many labels as it takes to have the true ones among them in this share of"
            " reports.",
            0.9,
            0.5,
            0.99,
        ),
        Policy(
            "random_review_share",
            "Random share of the queue",
            "This share of reports is ranked by chance, so that the queue is not only what the model finds hard.",
            0.1,
        ),
        Policy(
            "anomaly_review_weight",
            "Weight of unusual reports",
            "How far an unusual report moves up the queue beside an uncertain one.",
            0.25,
        ),
        Policy(
            "claim_minutes",
            "Minutes to decide",
            "A claimed report returns to the queue after this.",
            15,
            1,
            240,
        ),
        Policy(
            "second_opinion_share",
            "Share with a second opinion",
            "This share of decided reports is reviewed once more by somebody else, who is not told.",
            0.05,
        ),
        Policy(
            "blind_share",
            "Share reviewed blind",
            "This share of new reports is reviewed with the prediction hidden: the model's accuracy without the pull of"
            " its own suggestion.",
            0.05,
        ),
        Policy(
            "disputed_weight",
            "Weight of a disputed decision",
            "How much a decision that its reporter called wrong counts in the next training until it is decided anew.",
            0.5,
        ),
        Policy(
            "doubts_after",
            "Decisions before labels are doubted anew",
            "After so many new decisions, all labels are compared with what a model without them says.",
            200,
            20,
            100_000,
        ),
        Policy(
            "largest_attachment_mb",
            "Largest attachment (MB)",
            "A file that is larger is refused.",
            10,
            1,
            100,
        ),
        Policy(
            "int8_on_cpu",
            "int8 on CPUs",
            "Workers without a GPU serve the model with int8 weights, which is faster and takes less memory, as soon as"
            " it is measured to decide 99 % of reports alike. The model's page shows the figures.",
            False,
        ),
    )
}


def value(key: str) -> Any:
    """The value in force: the newest row, else the default. Raises KeyError for an unknown setting."""
    row = Setting.objects.filter(key=key).order_by("-pk").first()
    return POLICIES[key].default if row is None else row.value
