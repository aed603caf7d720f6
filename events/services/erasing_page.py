"""What pages and the API tell of an erasure."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classifier.models import ErasedLearning
from events.services.erasing import job_of
from events.services.erasing_places import PLACES
from incidents.models import Erasure
from workers.models import Job

LABELS: dict[str, str | Promise] = {
    "quotes": _("Rows that quoted them"),
    "dataset_rows": _("Dataset rows"),
    "examples": _("Examples of detections"),
    **{place.name: place.label for place in PLACES},
    "accounts": _("Accounts"),
}
SHOWN_REPORTS = 100


@dataclass(frozen=True)
class ErasureState:
    """`done` of `stages` are over; `trouble`: why the job failed or waits, or ""."""

    erasure: Erasure
    job: Job | None
    stages: Sequence[tuple[str, bool]]
    figures: Sequence[tuple[str | Promise, int]]
    learned: Sequence[ErasedLearning]
    numbers: Sequence[int]

    @property
    def is_at_work(self) -> bool:
        return self.job is not None and self.job.is_open and self.erasure.state == Erasure.State.ERASING

    @property
    def has_failed(self) -> bool:
        return self.erasure.state == Erasure.State.ERASING and not self.is_at_work

    @property
    def trouble(self) -> str:
        return self.job.error if self.job and self.erasure.state == Erasure.State.ERASING else ""

    @property
    def done(self) -> int:
        return sum(over for _label, over in self.stages)


def erasures_newest_first() -> "QuerySet[Erasure]":
    return Erasure.objects.select_related("by").order_by("-pk")


def state_of(erasure: Erasure) -> ErasureState:
    stages = [stage for stage in Erasure.Stage if stage != Erasure.Stage.DONE]
    reached = list(Erasure.Stage).index(Erasure.Stage(erasure.stage))
    learned = ErasedLearning.objects.filter(erasure=erasure).select_related("version").order_by("-version")
    return ErasureState(
        erasure=erasure,
        job=job_of(erasure),
        stages=[(str(stage.label), place < reached) for place, stage in enumerate(stages)],
        figures=[(label, erasure.figures[name]) for name, label in LABELS.items() if name in erasure.figures],
        learned=list(learned),
        numbers=list(erasure.incidents.order_by("pk").values_list("pk", flat=True)[:SHOWN_REPORTS]),
    )
