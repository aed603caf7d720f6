"""The settings that an admin may change: their types, defaults and meaning. Values stand in `Setting` rows."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

from incidents.models import Setting


@dataclass(frozen=True)
class Policy:
    """One setting: bool, or a number between `minimum` and `maximum`. `label` and `help` are translated where shown."""

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
            _("Filing without an account"),
            _("Anybody who reaches the form may file a report."),
            True,
        ),
        Policy(
            "anonymous_reports_an_hour",
            _("Reports an hour without an account"),
            _("From one address; who comes through the same router counts as one. 0: no limit."),
            60,
            0,
            100_000,
        ),
        Policy(
            "reports_an_hour",
            _("Reports an hour of an account"),
            _("Of one reporter on the site's form; the API has a limit of its own. 0: no limit."),
            300,
            0,
            100_000,
        ),
        Policy(
            "filing_seconds",
            _("Seconds to fill in a report"),
            _("Whoever has no account and is faster is asked to send the form once more: robots are. 0: not asked."),
            2,
            0,
            60,
        ),
        Policy(
            "api_calls_a_minute",
            _("API calls a minute"),
            _("Of one token. 0: no limit."),
            6000,
            0,
            1_000_000,
        ),
        Policy("open_sign_up", _("Open sign-up"), _("Anybody may create a reporter's account."), True),
        Policy(
            "error_cost",
            _("Cost of a wrong label"),
            _(
                "In looks by an analyst. A new prediction is unsure when a look costs less than the risk: at 2 below a"
                " confidence of 50 %, at 10 below 90 %. Those made before keep their mark."
            ),
            2.0,
            1,
            1000,
        ),
        Policy(
            "coverage",
            _("Promise of the possible labels"),
            _(
                "A new prediction lists as many labels as it takes to have the true ones among them in this share of"
                " reports."
            ),
            0.9,
            0.5,
            0.99,
        ),
        Policy(
            "random_review_share",
            _("Random share of the queue"),
            _("This share of reports is ranked by chance, so that the queue is not only what the model finds hard."),
            0.1,
        ),
        Policy(
            "anomaly_review_weight",
            _("Weight of unusual reports"),
            _("How far an unusual report moves up the queue beside an uncertain one."),
            0.25,
        ),
        Policy(
            "claim_minutes",
            _("Minutes to decide"),
            _("A claimed report returns to the queue after this."),
            15,
            1,
            240,
        ),
        Policy(
            "second_opinion_share",
            _("Share with a second opinion"),
            _("This share of decided reports is reviewed once more by somebody else, who is not told."),
            0.05,
        ),
        Policy(
            "blind_share",
            _("Share reviewed blind"),
            _(
                "This share of new reports is reviewed with the prediction hidden: the model's accuracy without the"
                " pull of its own suggestion."
            ),
            0.05,
        ),
        Policy(
            "disputed_weight",
            _("Weight of a disputed decision"),
            _(
                "How much a decision that its reporter called wrong counts in the next training until it is decided"
                " anew."
            ),
            0.5,
        ),
        Policy(
            "doubts_after",
            _("Decisions before labels are doubted anew"),
            _("After so many new decisions, all labels are compared with what a model without them says."),
            200,
            20,
            100_000,
        ),
        Policy(
            "learning_after",
            _("Decisions before the learning curve is drawn anew"),
            _("After so many new decisions, what more labels would bring is measured again, class by class."),
            300,
            20,
            100_000,
        ),
        Policy(
            "drift_window",
            _("Reports per look at drift"),
            _(
                "Each time so many reports were filed and classified, they are compared with those that the model in"
                " charge learned from. The fewer, the sooner a change is seen, and the larger it has to be."
            ),
            100,
            50,
            2000,
        ),
        Policy(
            "train_after_labels",
            _("Decisions before a training starts by itself"),
            _("After so many new decisions a model is trained as the latest one was; 0: only when somebody asks."),
            0,
            0,
            1_000_000,
        ),
        Policy(
            "train_every_days",
            _("Days between trainings by themselves"),
            _("So many days after the latest training, if anything was decided since, the next one starts; 0: never."),
            0,
            0,
            365,
        ),
        Policy(
            "train_at_hour",
            _("Hour of such a training"),
            _("Of the day, 0 to 23, in the time zone of this site."),
            2,
            0,
            23,
        ),
        Policy(
            "train_on_drift",
            _("Training on an alarm of drift"),
            _("An alarm that new reports have changed starts a training, if anything was decided since the latest."),
            False,
        ),
        Policy(
            "promote_triggered",
            _("Promotion without a person"),
            _("A version that was trained by itself takes over when it is no worse than the one in charge."),
            False,
        ),
        Policy(
            "largest_attachment_mb",
            _("Largest attachment (MB)"),
            _("A file that is larger is refused."),
            10,
            1,
            100,
        ),
        Policy(
            "largest_import_mb",
            _("Largest file of an import (MB)"),
            _("A larger CSV file is refused by the page and by the API; the command line takes any."),
            200,
            1,
            2000,
        ),
        Policy(
            "int8_on_cpu",
            _("int8 on CPUs"),
            _(
                "Workers without a GPU serve the model with int8 weights, which is faster and takes less memory, as"
                " soon as it is measured to decide 99 % of reports alike. The model's page shows the figures."
            ),
            False,
        ),
        Policy(
            "gate_min_reports",
            _("Gate: test reports at least"),
            _("A model is not promoted on fewer test reports: of a handful, chance decides."),
            20,
            0,
            100_000,
        ),
        Policy(
            "gate_min_support",
            _("Gate: test reports of a class at least"),
            _("A class with fewer is not judged by itself."),
            10,
            1,
            100_000,
        ),
        Policy(
            "gate_overall_loss",
            _("Gate: loss allowed over all"),
            _("By how much the share of test reports that are exactly right may fall below the champion's."),
            0.01,
        ),
        Policy(
            "gate_class_loss",
            _("Gate: loss allowed of a class"),
            _("By how much the F1 of any class that is judged may fall below the champion's."),
            0.1,
        ),
        Policy(
            "gate_calibration",
            _("Gate: calibration error at most"),
            _("How far confidence may be from how often it is right. What is no worse than the champion passes too."),
            0.1,
        ),
        Policy(
            "gate_int8_agreement",
            _("Gate: int8 agreement at least"),
            _("Share of reports that the int8 variant must decide as float32 does. 0: not asked."),
            0.0,
        ),
        Policy(
            "kept_artefacts",
            _("Models kept on the disk"),
            _(
                "Of each line, so many that never were in charge; the files of older ones are removed. What sorts"
                " reports, or did, is always kept."
            ),
            10,
            0,
            10_000,
        ),
        Policy(
            "shadow_days",
            _("Days in the shadow"),
            _("After so many days a model stops to score silently beside the champion. 0: when somebody ends it."),
            14,
            0,
            365,
        ),
    )
}


def value(key: str) -> Any:
    """The value in force: the newest row, else the default. Raises KeyError for an unknown setting."""
    kept = Setting.objects.filter(key=key).order_by("-pk").values_list("value")[:1]
    return next((row[0] for row in kept), POLICIES[key].default)
