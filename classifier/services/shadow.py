"""The shadow of a model line: it scores what the champion scores, and decides nothing."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from classifier import registry
from classifier.ml.artifact import ArtifactUnusable
from classifier.ml.taxonomy_map import Reading
from classifier.models import ModelVersion, Prediction, ShadowPrediction
from classifier.models.version import DETECT
from classifier.services.promotion import PromotionRefused, lock_version, one_at_a_time, refuse_unusable
from classifier.services.reliance import reliance_in_force
from classifier.wording import FAIRNESS
from incidents import policy
from incidents.models import AuditEvent, Label, Path, TextRevision, User
from incidents.shares import Share
from incidents.texts import training_text
from workers.jobs import Batch

Stage = ModelVersion.Stage
LABELLED = (Label.Verdict.CONFIRM, Label.Verdict.CORRECT)
LOOKED_AT = 5_000  # newest texts that a comparison reads


def set_shadow(version: ModelVersion, *, by: User | None) -> None:
    """Let a version score beside the one in charge, which decides nothing. Raises PromotionRefused.

    It takes the place of the shadow before, which becomes a challenger again. On the line of the reports it ends by
    itself after `shadow_days`.
    """
    with one_at_a_time():
        lock_version(version)
        _refuse_no_shadow(version)
        before = ModelVersion.objects.filter(line=version.line, stage=Stage.SHADOW)
        before.update(stage=Stage.CHALLENGER, shadow_since=None)
        _put(version, Stage.SHADOW, "model.shadow", by)


def end_shadow(version: ModelVersion, *, by: User | None, why: str = "") -> None:
    """Make a shadow a challenger again. Raises PromotionRefused."""
    with one_at_a_time():
        version.refresh_from_db()
        if version.stage != Stage.SHADOW:
            raise PromotionRefused(gettext("%(name)s is no shadow.") % {"name": version.name})
        _put(version, Stage.CHALLENGER, "model.shadow_ended", by, why)


def end_old_shadow() -> None:
    """After `shadow_days`, on the line of the reports; asked every round."""
    days, version = policy.value("shadow_days"), ModelVersion.objects.shadow()
    if version and version.shadow_since and days and version.shadow_since < timezone.now() - timedelta(days=days):
        end_shadow(version, by=None, why=f"its {days} days are over")


def score_in_shadow(batch: Batch) -> None:
    """Have the shadow decide the texts of these reports. Safe to run twice: a text is decided once per version.

    One whose artefact cannot be read ends as the shadow: nothing that serves may wait for it.
    """
    version = ModelVersion.objects.select_related("snapshot").shadow()
    revisions = _unseen(batch.object_ids, version) if version else []
    if version and revisions:
        try:
            rows = _scored(version, revisions)
        except ArtifactUnusable as error:
            end_shadow(version, by=None, why=str(error))
            rows = []
    else:
        rows = []
    with transaction.atomic():
        ShadowPrediction.objects.bulk_create(rows, ignore_conflicts=True)
        batch.finish()


@dataclass(frozen=True)
class ShadowReport:
    """What a shadow has decided beside the champion, on the newest texts.

    `alike`: as the champion. `right` and `champion_right`: as people decided, who saw the champion's suggestion.
    `blind_`: as those decided who did not.
    """

    texts: int
    alike: Share
    right: Share
    champion_right: Share
    blind_right: Share
    blind_champion_right: Share
    unsure: Share
    champion_unsure: Share


def shadow_report(version: ModelVersion) -> ShadowReport | None:
    """None for a version that never scored in the shadow. Five queries."""
    mine = {one.text_revision_id: one for one in version.shadow_predictions.order_by("-pk")[:LOOKED_AT]}
    champion = ModelVersion.objects.champion(version.line)
    if not mine or champion is None:
        return None
    said = Prediction.objects.filter(version=champion, text_revision__in=list(mine))
    theirs = {row[0]: row[1:] for row in said.values_list("text_revision", "path_ids", "unsure")}
    reading = Path.objects.reading()
    both = [(set(reading.ids(mine[pk].path_ids)), set(reading.ids(theirs[pk][0])), pk) for pk in mine if pk in theirs]
    labels = _labels([pk for _, _, pk in both], reading)
    judged = [(one, other, *labels[pk]) for one, other, pk in both if pk in labels]
    blind = [(one, other, truth) for one, other, truth, hidden in judged if hidden]
    return ShadowReport(
        texts=len(mine),
        alike=Share(sum(one == other for one, other, _ in both), len(both)),
        right=Share(sum(one == truth for one, _, truth, _ in judged), len(judged)),
        champion_right=Share(sum(other == truth for _, other, truth, _ in judged), len(judged)),
        blind_right=Share(sum(one == truth for one, _, truth in blind), len(blind)),
        blind_champion_right=Share(sum(other == truth for _, other, truth in blind), len(blind)),
        unsure=Share(sum(mine[pk].unsure for _, _, pk in both), len(both)),
        champion_unsure=Share(sum(theirs[pk][1] for _, _, pk in both), len(both)),
    )


class NeverInShadow(Exception):
    """There is nothing to compare; the message says why."""


def shadow_figures(version: ModelVersion) -> dict[str, Any]:
    """The report for API and command. Raises NeverInShadow."""
    report = shadow_report(version)
    if report is None:
        told = gettext("%(name)s has scored no reports in the shadow beside a champion.")
        raise NeverInShadow(told % {"name": version.name})
    shares = {
        name: {"share": share.share, "hits": share.hits, "n": share.n}
        for name, share in vars(report).items()
        if isinstance(share, Share)
    }
    since = version.shadow_since.isoformat() if version.shadow_since else None
    return {"model": version.name, "since": since, "texts": report.texts, **shares, "note": str(FAIRNESS)}


def _labels(revisions: Sequence[int], reading: Reading) -> dict[int, tuple[set[int], bool]]:
    """By text: the paths that stand on its report, decided on this very text, and whether the prediction was hidden."""
    standing = Label.objects.filter(text_revision__in=revisions, current_of__isnull=False, verdict__in=LABELLED)
    found = standing.prefetch_related("paths")
    return {one.text_revision_id: (set(reading.ids(path.pk for path in one.paths.all())), one.blind) for one in found}


def _unseen(incident_ids: Sequence[int], version: ModelVersion) -> list[TextRevision]:
    revisions = TextRevision.objects.filter(current_of__in=incident_ids)
    return list(revisions.exclude(shadow_predictions__version=version).order_by("pk"))


def _scored(version: ModelVersion, revisions: Sequence[TextRevision]) -> list[ShadowPrediction]:
    started = time.perf_counter()
    present = registry.present(version)
    results = present.model.classify_batch([training_text(one.title, one.text) for one in revisions])
    seconds = (time.perf_counter() - started) / len(revisions)
    threshold, path_ids = reliance_in_force().threshold, present.path_ids
    return [
        ShadowPrediction(
            incident_id=revision.incident_id,
            text_revision=revision,
            version=version,
            path_ids=[path_ids[index] for index in result.decided],
            confidence=result.confidence,
            unsure=result.is_unsure(threshold),
            seconds=seconds,
        )
        for revision, result in zip(revisions, results, strict=True)
    ]


def _refuse_no_shadow(version: ModelVersion) -> None:
    if version.line == DETECT:
        raise PromotionRefused(
            gettext("%(name)s judges events that are flagged: there is no shadow on its line.") % {"name": version.name}
        )
    if version.stage not in {Stage.CHALLENGER, Stage.ARCHIVED}:
        raise PromotionRefused(
            gettext("%(name)s is the %(stage)s of its line already.")
            % {"name": version.name, "stage": version.get_stage_display().lower()}
        )
    refuse_unusable(version)


def _put(version: ModelVersion, stage: str, kind: str, by: User | None, why: str = "") -> None:
    since = timezone.now() if stage == Stage.SHADOW else None
    ModelVersion.objects.filter(pk=version.pk).update(stage=stage, shadow_since=since)
    version.refresh_from_db()
    detail = {"line": version.line, "by_itself": by is None, **({"reason": why} if why else {})}
    AuditEvent.objects.create(kind=kind, actor=by, subject=version.name, detail=detail)
