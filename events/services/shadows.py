"""A detector in the shadow: how far its trial is, and what ends it."""

import datetime as dt

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from classifier.models import Evaluation, ModelVersion
from classifier.services.promotion import PromotionRefused, promote
from events.models import EventSource
from events.services.detectors import Serving
from events.services.feature_rows import newest, usable_events
from events.stream import drift
from incidents.models import AuditEvent

Stage = ModelVersion.Stage


def in_shadow_since(version: ModelVersion) -> dt.datetime:
    event = AuditEvent.objects.filter(kind="model.shadow", subject=version.name).first()
    return event.created_at if event else version.created_at


def events_in_trial(source: EventSource, version: ModelVersion) -> int:
    """About how many events a shadow has scored, as far as its trial goes."""
    return min(drift.COMPARED, usable_events(source, in_shadow_since(version)))


def settle_shadow(source: EventSource, state: Serving) -> str:
    """End the trial of the shadow if it can be ended. Says what was done and why, or ""."""
    version = state.shadow_version
    if version is None:
        return ""
    if state.shadow is None:
        return _archived(version, "its artefact cannot be read")
    scores = _scores(source, version)
    if len(scores) < drift.COMPARED:
        return ""
    threshold = drift.clipped_threshold(state.threshold, state.shadow.threshold(source.alert_budget))
    if objection := drift.objection(scores, threshold, source.alert_budget):
        return _archived(version, objection)
    reason = f"{np.mean(scores > threshold):.2%} of {len(scores):,} events above its threshold"
    try:
        _put_in_charge(version, threshold, source.alert_budget, reason)
    except PromotionRefused as error:
        return _archived(version, str(error))
    return f"{version.name} took over: {reason}"


def archive_shadow(line: str, reason: str) -> None:
    """Let the shadow of a line go, if there is one."""
    version = ModelVersion.objects.filter(line=line, stage=Stage.SHADOW).first()
    if version is None:
        return
    with transaction.atomic():
        if ModelVersion.objects.filter(pk=version.pk, stage=Stage.SHADOW).update(stage=Stage.ARCHIVED):
            detail = {"line": line, "by_itself": True, "reason": reason}
            AuditEvent.objects.create(kind="model.shadow_ended", subject=version.name, detail=detail)


def _archived(version: ModelVersion, reason: str) -> str:
    archive_shadow(version.line, reason)
    return f"{version.name} was put away: {reason}"


def _scores(source: EventSource, version: ModelVersion) -> NDArray[np.float64]:
    """What the shadow gave the newest events."""
    since, reach = in_shadow_since(version), 2 * drift.COMPARED
    # A fixed number of rows, however few of them the shadow has scored: the trial of a quiet source stays cheap too.
    rows = newest(source, reach).filter(score__isnull=False).values_list("received_at", "shadow_score")[:reach]
    found = [score for received, score in rows if score is not None and received > since]
    return np.array(found[: drift.COMPARED], np.float64)


def _put_in_charge(version: ModelVersion, threshold: float, budget: float, reason: str) -> None:
    with transaction.atomic():
        promote(version, by=None, reason=reason)
        row = version.evaluations.get(snapshot=version.snapshot, part=Evaluation.Part.SERVED)
        row.figures = row.figures | {"threshold": threshold, "budget": budget}
        row.save(update_fields=["figures"])
