"""What the page of a source says about its detector: which one judges, how it does, and when the next one comes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from classifier.models import ModelVersion, TrainingRun
from events.models import EventSource
from events.services.detector_drift import Check, checks_of, in_charge_since
from events.services.detector_training import MINIMUM
from events.services.detectors import COLD_SIZES
from events.services.feature_rows import usable_events
from events.services.shadows import events_in_trial
from events.stream import drift

LOOKED_BACK = dt.timedelta(days=1)
Stage = ModelVersion.Stage


@dataclass(frozen=True)
class DetectorState:
    """Rates are shares of the events scored during the last day, None where none was.

    `above` counts what a rule picked too. `next_step` is a sentence. `checks` are comparisons of scores, the oldest
    first: a `d` beyond `drifted` twice in a row asks for a new detector. `previous` is what a roll-back puts in charge.
    """

    champion: ModelVersion | None
    previous: ModelVersion | None
    shadow: ModelVersion | None
    run: TrainingRun | None
    threshold: float | None
    budget: float
    scored: int
    above: int
    usable: int
    checks: Sequence[Check]
    drifted: float
    shadow_scored: int
    shadow_needed: int
    next_step: str

    @property
    def alert_rate(self) -> float | None:
        return self.above / self.scored if self.scored else None

    @property
    def is_cold_start(self) -> bool:
        """Whether a provisional detector judges, made from the newest events, until the first one is trained."""
        return self.champion is None and self.usable >= COLD_SIZES[0]

    @property
    def can_train(self) -> bool:
        return self.run is None and self.usable >= MINIMUM


def detector_state(source: EventSource) -> DetectorState:
    """A handful of small queries; no detector is loaded.

    The actions beside it: `detector_training.request_detector(source, requested_by=...)`, which raises
    TrainingRefused, and `classifier.services.promotion.rollback(by=..., line=source.line, reason=...)`, which raises
    PromotionRefused; the messages of both are sentences for people.
    """
    stages = {version.stage: version for version in ModelVersion.objects.filter(line=source.line)}
    champion, shadow = stages.get(Stage.CHAMPION), stages.get(Stage.SHADOW)
    run = TrainingRun.objects.open().filter(line=source.line).first()
    lately = source.minutes.filter(minute__gt=timezone.now() - LOOKED_BACK)
    sums = lately.aggregate(scored=Sum("scored"), above=Sum("above"))
    last = source.minutes.exclude(threshold=None).order_by("-minute").first()
    usable = usable_events(source)
    in_trial = events_in_trial(source, shadow) if shadow else 0
    return DetectorState(
        champion=champion,
        previous=stages.get(Stage.PREVIOUS),
        shadow=shadow,
        run=run,
        threshold=last.threshold if last else None,
        budget=source.alert_budget,
        scored=sums["scored"] or 0,
        above=sums["above"] or 0,
        usable=usable,
        checks=checks_of(source),
        drifted=drift.DRIFTED,
        shadow_scored=in_trial,
        shadow_needed=drift.COMPARED,
        next_step=_next_step(champion, shadow, run, usable, in_trial),
    )


def _next_step(
    champion: ModelVersion | None, shadow: ModelVersion | None, run: TrainingRun | None, usable: int, in_trial: int
) -> str:
    if run is not None:
        return _("Training %(n)s is %(state)s.") % {"n": run.pk, "state": run.get_status_display().lower()}
    if champion is None:
        told = _("The first detector is trained once %(needed)s usable events have come; %(usable)s have.")
        return told % {"needed": f"{drift.SMALLEST_GAP:,}", "usable": f"{usable:,}"}
    if shadow is not None:
        told = _(
            "%(name)s scores silently: %(scored)s of %(needed)s events. Then it takes over, unless more than twice the"
            " alert budget would stand above its threshold."
        )
        return told % {"name": shadow.name, "scored": f"{in_trial:,}", "needed": f"{drift.COMPARED:,}"}
    day = in_charge_since(champion) + dt.timedelta(seconds=drift.OLDEST)
    told = _(
        "A new detector is trained when scores have moved by more than %(moved)s, %(times)s times in a row, and at the"
        " latest with the first %(events)s events after %(day)s UTC."
    )
    events, day_there = f"{drift.SMALLEST_GAP:,}", f"{day:%Y-%m-%d %H:%M}"
    return told % {"moved": drift.DRIFTED, "times": drift.IN_A_ROW, "events": events, "day": day_there}
