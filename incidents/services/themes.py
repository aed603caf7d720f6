"""What the open reports are about: themes, found by a job over the vectors of the encoder that serves."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.db import transaction
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Left
from django.utils import timezone

from classifier.ml.themes import LONGEST, SMALLEST, Group, find_groups
from classifier.models import Embedding
from classifier.services.analysis_runs import QUEUE, RunState, state_of
from classifier.services.similar import serving_encoders
from incidents.models import Incident, Theme, ThemeRun, User
from incidents.services.alike_memory import OPEN
from incidents.texts import training_text
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND = "find_themes"
MOST = 20_000  # open reports that are looked at, the newest: about a minute of one core
SEED = 0
EVERY = dt.timedelta(hours=1)
LATELY = dt.timedelta(days=1)
TO_THE = dt.timedelta(minutes=1)
EXAMPLES = 3
Status = ThemeRun.Status
TOO_FEW = "{n} open reports have been read by the model in charge: themes need at least {needed}."


@dataclass(frozen=True)
class ThemeRow:
    """A theme of the list, with some of its most typical reports; `newest` is a report's number."""

    theme: Theme
    reports: int
    newest: int
    first_link: int
    examples: Sequence[Incident] = ()

    @property
    def links(self) -> range:
        """Numbers of the rows that tie the most typical reports to it: they were written one after the other."""
        return range(self.first_link, self.first_link + EXAMPLES)


@dataclass(frozen=True)
class ThemesPage:
    """`shown` is the newest run that ended well, `state` says how far the newest run of all is; None before any."""

    shown: ThemeRun | None
    state: RunState | None
    themes: Sequence[ThemeRow]


def request_themes(by: User | None = None) -> ThemeRun | None:
    """Have the themes found anew; None while that is being done. Two at one moment do no harm."""
    latest = ThemeRun.objects.order_by("-pk").first()
    if latest and state_of(KIND, latest).at_work:
        return None
    with transaction.atomic():
        run = ThemeRun.objects.create(by=by, looked_at=latest.looked_at if latest else None)
        jobs.enqueue(KIND, run.pk, queue=QUEUE, priority=Job.Priority.WEB if by else Job.Priority.BACKFILL)
    return run


def request_due_themes() -> ThemeRun | None:
    """Once an hour, if reports came since and somebody opened the page within a day; asked every round."""
    now, latest = timezone.now(), ThemeRun.objects.order_by("-pk").first()
    if latest is None or latest.looked_at is None or latest.looked_at < now - LATELY or latest.created_at > now - EVERY:
        return None
    came = Incident.objects.filter(created_at__gt=latest.created_at).exists()
    return request_themes() if came else None


def themes_page() -> ThemesPage:
    """The themes, the largest first; notes that somebody reads them."""
    latest = ThemeRun.objects.order_by("-pk").first()
    if latest is None:
        return ThemesPage(None, None, ())
    now = timezone.now()
    unseen = Q(looked_at=None) | Q(looked_at__lt=now - TO_THE)
    ThemeRun.objects.filter(unseen, pk=latest.pk).update(looked_at=now)
    shown = ThemeRun.objects.filter(status=Status.DONE).order_by("-pk").first()
    return ThemesPage(shown, state_of(KIND, latest), _rows(shown) if shown else ())


def with_examples(rows: Sequence[ThemeRow]) -> list[ThemeRow]:
    """Each with some of its most typical reports, in two queries."""
    wanted = Theme.incidents.through.objects.filter(
        pk__in=[link for row in rows for link in row.links], theme__in=[row.theme.pk for row in rows]
    )
    links = list(wanted.order_by("pk").values_list("theme", "incident"))
    reports = Incident.objects.select_related("current_text").in_bulk({incident for _, incident in links})
    of: dict[int, list[Incident]] = defaultdict(list)
    for theme, incident in links:
        of[theme].append(reports[incident])
    return [replace(row, examples=of[row.theme.pk]) for row in rows]


def find_themes(batch: Batch) -> None:
    """Group the open reports. Safe to run twice: what is over stays so."""
    over = {Status.DONE, Status.FAILED}
    for run in ThemeRun.objects.filter(pk__in=batch.object_ids).exclude(status__in=over):
        ThemeRun.objects.filter(pk=run.pk).update(status=Status.RUNNING)
        _carry_out(run, batch)
    if batch.held().exists():
        with transaction.atomic():
            batch.finish()


def _rows(run: ThemeRun) -> list[ThemeRow]:
    themes = run.themes.in_bulk()
    links = Theme.incidents.through.objects.filter(theme__in=run.themes.values("pk"))
    counted = links.order_by().values("theme").annotate(n=Count("pk"), newest=Max("incident"), first=Min("pk"))
    rows = [ThemeRow(themes[one["theme"]], one["n"], one["newest"], one["first"]) for one in counted]
    return sorted(rows, key=lambda row: (-row.reports, row.theme.pk))


def _carry_out(run: ThemeRun, batch: Batch) -> None:
    batch.beat({"part": 0, "of": 2})
    numbers, vectors, texts = _read()
    if len(numbers) < 2 * SMALLEST:
        run.status, run.trouble = Status.FAILED, TOO_FEW.format(n=len(numbers), needed=2 * SMALLEST)
        groups: list[Group] = []
    else:
        batch.beat({"part": 1, "of": 2})
        run.status, groups = Status.DONE, find_groups(vectors, texts, SEED)
    run.reports, run.finished_at = len(numbers), timezone.now()
    run.alone = run.reports - sum(len(group.places) for group in groups)
    _store(run, [(_name(group), [numbers[place] for place in group.places]) for group in groups], batch)


def _read() -> tuple[list[int], "np.ndarray[tuple[int, int], np.dtype[np.float32]]", list[str]]:
    """Numbers, vectors and texts of the newest open reports, in the first space that has enough of them."""
    for encoder_hash in serving_encoders():
        of_open = Embedding.objects.filter(encoder_hash=encoder_hash, text_revision__current_of__status__in=OPEN)
        newest = of_open.order_by("-text_revision")[:MOST]
        columns = ("incident", "vector", "text_revision__title", Left("text_revision__text", LONGEST))
        rows = list(newest.values_list(*columns))
        if len(rows) >= 2 * SMALLEST:
            vectors = np.frombuffer(b"".join(bytes(row[1]) for row in rows), np.float16).reshape(len(rows), -1)
            texts = [training_text(title, text) for *_, title, text in rows]
            return [row[0] for row in rows], vectors.astype(np.float32), texts
    return [], np.empty((0, 0), np.float32), []


def _name(group: Group) -> str:
    return ", ".join(group.words)[:200]


def _store(run: ThemeRun, themes: Sequence[tuple[str, list[int]]], batch: Batch) -> None:
    """The new themes take the place of the earlier ones; reports erased meanwhile are left out."""
    with transaction.atomic():
        run.save(update_fields=["status", "trouble", "reports", "alone", "finished_at"])
        if run.status == Status.DONE:
            numbers = [number for _, found in themes for number in found]
            present = _present(numbers)
            rows = Theme.objects.bulk_create(Theme(run=run, name=name) for name, _ in themes)
            link = Theme.incidents.through
            link.objects.bulk_create(
                (
                    link(theme_id=theme.pk, incident_id=number)
                    for theme, (_, found) in zip(rows, themes, strict=True)
                    for number in found
                    if number in present
                ),
                batch_size=1000,
            )
            ThemeRun.objects.filter(pk__lt=run.pk).delete()
        batch.finish()


def _present(numbers: Sequence[int]) -> set[int]:
    parts = (numbers[start : start + 500] for start in range(0, len(numbers), 500))
    return {pk for part in parts for pk in Incident.objects.filter(pk__in=part).values_list("pk", flat=True)}
