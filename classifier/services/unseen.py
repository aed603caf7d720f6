"""Reports that a version learned nothing from."""

from classifier.models import DatasetSnapshot
from incidents.models import Incident, TextRevision

MOST = 500  # texts: the standard error of 99 % is 0.4 points
UNDECIDED = (Incident.Status.NEW, Incident.Status.CLASSIFIED)


def unseen_texts(snapshot: DatasetSnapshot) -> list[int]:
    """Text revisions, at most MOST: test reports of the snapshot, then undecided ones, newest first.

    Not validation reports, which choose the blend and end up in the linear expert.
    """
    tests = snapshot.rows.filter(split=Incident.Split.TEST).order_by("pk").values_list("text_revision_id", flat=True)
    undecided = TextRevision.objects.filter(current_of__status__in=UNDECIDED).exclude(dataset_rows__snapshot=snapshot)
    latest = undecided.order_by("-pk").values_list("pk", flat=True)
    taken = list(tests[:MOST])
    return [*taken, *latest[: MOST - len(taken)]]
