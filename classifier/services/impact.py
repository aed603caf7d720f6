"""What a promotion would change: the challenger's labels beside the champion's, on open and recent reports."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from classifier import registry
from classifier.ml.taxonomy import LabelPath, category_text, sub_category_text
from classifier.models import DatasetRow, ImpactPreview, ModelVersion, Prediction
from classifier.models.version import CLASSIFY
from classifier.services.analysis_runs import RunState, state_of
from classifier.services.asking import IMPACT, request_impact
from classifier.services.behind import visible_reports
from classifier.services.present import say_today
from classifier.services.reliance import reliance_in_force
from classifier.services.slices import Progress, work_off
from classifier.services.snapshot import label_paths
from incidents.models import Incident, Label, Path, TextRevision, User
from incidents.texts import training_text
from workers.jobs import Batch

CHUNK = 32  # reports between two signs of life
MOST = 1_000  # open reports and recent ones, each: the newest
RECENT = timedelta(days=30)
EXAMPLES = 5  # reports that are kept by number with each group
GROUPS = 200  # kept; the rest counts in the figures alone
SEPARATOR = " › "
LABELLED = (Label.Verdict.CONFIRM, Label.Verdict.CORRECT)
Status, State = ImpactPreview.Status, Incident.Status
OPEN = (State.NEW, State.CLASSIFIED, State.IN_REVIEW, State.SECOND_LOOK, State.WAITING_REPORTER)


class NoImpact(Exception):
    """There is nothing to look at; the message says why."""


@dataclass(frozen=True)
class Group:
    """One change of label with the number of reports, and some of these."""

    old: str
    new: str
    reports: int
    examples: Sequence[Incident]


@dataclass(frozen=True)
class KnownImpact:
    """`shown`: the newest preview that is done; `newest`: of all, with how far it is, both None before any.

    `nothing`: why there is nothing to look at, or "".
    """

    shown: ImpactPreview | None = None
    newest: ImpactPreview | None = None
    state: RunState | None = None
    nothing: str = ""


@dataclass
class _Progress(Progress):
    groups: dict[str, dict[str, list[Any]]] = field(default_factory=dict)  # old -> new -> [number, examples]
    figures: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, by: int = 1) -> None:
        self.figures[name] = self.figures.get(name, 0) + by


@dataclass(frozen=True)
class _Word:
    """What a version says of a report."""

    label: str
    unsure: bool
    path_ids: frozenset[int]


@dataclass(frozen=True)
class _Truth:
    """What people decided of a report; `blind`: with the champion's suggestion hidden."""

    path_ids: frozenset[int]
    blind: bool


def ask_for_impact(version: ModelVersion, *, by: User | None) -> ImpactPreview:
    """Have it found out what putting this version in charge would change; the one at work where there is one.

    Raises NoImpact.
    """
    champion = _replaced_by(version)
    if champion is None:
        raise NoImpact(_nothing(version))
    latest = _of(version, champion).first()
    if latest and state_of(IMPACT, latest).at_work:
        return latest
    with transaction.atomic():
        preview = ImpactPreview.objects.create(version=version, champion=champion, by=by)
        request_impact(preview.pk)
    return preview


def known_impact(version: ModelVersion) -> KnownImpact:
    """What is known of the effect in place of the present champion; `groups_of` tells which reports."""
    champion = _replaced_by(version)
    if champion is None:
        return KnownImpact(nothing=_nothing(version))
    newest = _of(version, champion).first()
    shown = ImpactPreview.objects.latest_of(version, champion)
    return KnownImpact(shown, newest, state_of(IMPACT, newest) if newest else None)


def groups_of(preview: ImpactPreview, user: User) -> list[Group]:
    """The changes, the most frequent first, with the examples that this person may see; a constant number of queries.

    What looks undecided to somebody who gives a second opinion on it is no example: it would tell what is predicted.
    """
    numbers = [pk for group in preview.groups for pk in group["examples"]]
    visible = Incident.objects.filter(pk__in=visible_reports(numbers, user), merged_into=None)
    by_number = visible.select_related("current_text").in_bulk()
    return [
        Group(
            group["old"],
            group["new"],
            group["reports"],
            [by_number[pk] for pk in group["examples"] if pk in by_number],
        )
        for group in preview.groups
    ]


def preview_impact(batch: Batch) -> None:
    """Look at the reports a slice at a time; after one the job goes back to its queue. Safe to run twice."""
    preview = ImpactPreview.objects.select_related("version__snapshot", "champion__snapshot").get(
        pk=batch.object_ids[0]
    )
    if preview.status in {Status.DONE, Status.FAILED}:
        with transaction.atomic():
            return batch.finish()
    ImpactPreview.objects.filter(pk=preview.pk).update(status=Status.RUNNING)
    progress = _Progress(**(batch.jobs[0].progress or {"left": _reports(preview.version)}))
    if not work_off(progress, batch, CHUNK, lambda texts: _look_at(preview, texts, progress)):
        return batch.release()
    preview.groups = _sorted_groups(progress)
    preview.figures = _FIGURES | progress.figures
    preview.status, preview.finished_at = Status.DONE, timezone.now()
    with transaction.atomic():
        preview.save(update_fields=["groups", "figures", "status", "finished_at"])
        batch.finish()


_FIGURES = dict.fromkeys(
    (
        *("reports", "open", "changed", "open_changed", "surer", "less_sure"),
        *("judged", "right_before", "right_after", "blind_judged", "blind_right_before", "blind_right_after"),
    ),
    0,
)


def _replaced_by(version: ModelVersion) -> ModelVersion | None:
    """The champion whose place it would take; None where no report would read otherwise."""
    champion = ModelVersion.objects.champion(version.line)
    return None if champion == version or version.line != CLASSIFY else champion


def _nothing(version: ModelVersion) -> str:
    if version.line != CLASSIFY:
        told = gettext("%(name)s reads no reports: putting it in charge changes none of their labels.")
        return told % {"name": version.name}
    return gettext("There is no champion that it could take over from.")


def _of(version: ModelVersion, champion: ModelVersion) -> QuerySet[ImpactPreview]:
    return ImpactPreview.objects.filter(version=version, champion=champion).order_by("-pk")


def _reports(version: ModelVersion) -> list[int]:
    """Texts of open reports and of those decided lately. Undecided ones of the audit are left out: their prediction is
    hidden, also in a count.
    """
    told = Incident.objects.exclude(blind=True, decided_at=None).filter(current_text__isnull=False)
    waiting = told.filter(status__in=OPEN).order_by("-pk").values_list("current_text", flat=True)
    lately = told.filter(status=State.DECIDED, decided_at__gte=timezone.now() - RECENT)
    decided = lately.order_by("-decided_at").values_list("current_text", flat=True)
    return [pk for pk in dict.fromkeys([*waiting[:MOST], *decided[:MOST]]) if pk is not None]


def _look_at(preview: ImpactPreview, numbers: Sequence[int], progress: _Progress) -> None:
    found = TextRevision.objects.filter(pk__in=numbers, current_of__isnull=False).select_related("incident")
    revisions = list(found.order_by("pk"))
    if not revisions:
        return
    before, after = _said_before(preview.champion, revisions), _asked(preview.version, revisions)
    truths = _truths((preview.version, preview.champion), revisions)
    for revision in revisions:
        _count(progress, revision, before[revision.pk], after[revision.pk], truths.get(revision.pk))


def _count(progress: _Progress, revision: TextRevision, old: _Word, new: _Word, truth: _Truth | None) -> None:
    waits, changed = revision.incident.status in OPEN, old.label != new.label
    progress.count("reports")
    progress.count("open", waits)
    progress.count("changed", changed)
    progress.count("open_changed", changed and waits)
    progress.count("surer", old.unsure and not new.unsure)
    progress.count("less_sure", new.unsure and not old.unsure)
    if truth:
        for kind in ("", "blind_") if truth.blind else ("",):
            progress.count(f"{kind}judged")
            progress.count(f"{kind}right_before", old.path_ids == truth.path_ids)
            progress.count(f"{kind}right_after", new.path_ids == truth.path_ids)
    if changed:
        group = progress.groups.setdefault(old.label, {}).setdefault(new.label, [0, []])
        group[0] += 1
        if len(group[1]) < EXAMPLES:
            group[1].append(revision.incident_id)


def _said_before(champion: ModelVersion, revisions: Sequence[TextRevision]) -> dict[int, _Word]:
    """The champion's stored word by text; asked for where it has not spoken yet."""
    stored = list(Prediction.objects.filter(version=champion, text_revision__in=revisions))
    for one in stored:
        one.version = champion  # with its snapshot, which it is read by
    say_today(stored)
    known = sorted({pk for one in stored for pk in one.path_ids})
    names = dict(zip(known, label_paths(known), strict=True))
    words = {
        one.text_revision_id: _Word(_label([names[pk] for pk in one.path_ids]), one.unsure, frozenset(one.path_ids))
        for one in stored
    }
    missing = [revision for revision in revisions if revision.pk not in words]
    return words | (_asked(champion, missing) if missing else {})


def _asked(version: ModelVersion, revisions: Sequence[TextRevision]) -> dict[int, _Word]:
    present = registry.present(version)
    results = present.model.classify_batch([training_text(one.title, one.text) for one in revisions])
    threshold, path_ids, paths = reliance_in_force().threshold, present.path_ids, present.model.taxonomy.paths
    return {
        revision.pk: _Word(
            _label([paths[index] for index in result.decided]),
            result.is_unsure(threshold),
            frozenset(path_ids[index] for index in result.decided),
        )
        for revision, result in zip(revisions, results, strict=True)
    }


def _truths(versions: Sequence[ModelVersion], revisions: Sequence[TextRevision]) -> dict[int, _Truth]:
    """What people decided of these very texts, as it reads today, but for those that one of the versions learned from:
    whoever has learned a report gets it right, and the other one would look worse than it is.
    """
    snapshots = [version.snapshot_id for version in versions]
    learned = DatasetRow.objects.filter(snapshot__in=snapshots).exclude(split=Incident.Split.TEST)
    standing = Label.objects.filter(
        text_revision__in=revisions, incident__current_label=F("pk"), verdict__in=LABELLED
    ).exclude(incident__in=learned.values("incident"))
    return {
        one.text_revision_id: _Truth(frozenset(path.pk for path in today), one.blind)
        for one in standing.prefetch_related(Prefetch("paths", Path.objects.with_names()))
        if (today := one.present_paths)
    }


def _label(paths: Sequence[LabelPath]) -> str:
    return SEPARATOR.join(filter(None, (category_text(paths), sub_category_text(paths))))


def _sorted_groups(progress: _Progress) -> list[dict[str, Any]]:
    groups = [
        {"old": old, "new": new, "reports": number, "examples": examples}
        for old, found in progress.groups.items()
        for new, (number, examples) in found.items()
    ]
    return sorted(groups, key=lambda group: (-group["reports"], group["old"], group["new"]))[:GROUPS]
