"""Reports that a version learned nothing from."""

import datetime as dt

from classifier.models import DatasetSnapshot
from incidents.models import Incident

MOST = 500  # texts: the standard error of 99 % is 0.4 points
UNDECIDED = (Incident.Status.NEW, Incident.Status.CLASSIFIED)


def unseen_texts(snapshot: DatasetSnapshot) -> list[int]:
    """Text revisions, at most MOST: test reports of the snapshot, then undecided ones, newest first.

    Not validation reports, which choose the blend and end up in the linear expert.
    """
    tests = snapshot.rows.filter(split=Incident.Split.TEST).order_by("pk").values_list("text_revision_id", flat=True)
    taken = list(tests[:MOST])
    return [*taken, *_undecided(snapshot)[: MOST - len(taken)]]


def _undecided(snapshot: DatasetSnapshot) -> list[int]:
    """The newest. What was decided when the snapshot was made and is no longer is rare, and looked for among these."""
    rows = [row for status in UNDECIDED for row in _newest(status)]
    newest = [text for _, text in sorted(rows, reverse=True)]
    learned = set(snapshot.rows.filter(text_revision__in=newest).values_list("text_revision_id", flat=True))
    return [text for text in newest if text not in learned]


def _newest(status: str) -> list[tuple[dt.datetime, int]]:
    """Of one state, as an index has them: of several, every report would be read and sorted."""
    waiting = Incident.objects.filter(status=status, current_text__isnull=False).order_by("-created_at", "-pk")
    return list(waiting.values_list("created_at", "current_text_id")[: 2 * MOST])
