"""Reports that no promise covers: the thresholds of acting were measured on others than these."""

from collections.abc import Sequence
from functools import lru_cache

from django.db.models.functions import Length

from classifier.ml.hidden import hidden
from classifier.models import DatasetRow, ModelVersion
from incidents.models import Incident, TextRevision

LONGER_THAN = 0.99  # of the held-out reports: a text far longer can hold another report beside what it reports


def unlike_measured(champion: ModelVersion, revisions: Sequence[TextRevision]) -> set[int]:
    """The numbers of those at which a person has to look whatever the model says: they hide characters, as they were
    written, or are longer than nearly all that the model was measured on. Before a transaction that writes: it scans.
    """
    longest = _longest_measured(champion.snapshot.content_hash)
    return {one.pk for one in revisions if len(one.text) > longest or hidden(f"{one.title}\n{one.text}")}


@lru_cache(8)
def _longest_measured(content_hash: str) -> int:
    """The characters that all but 1 % of a dataset's test reports stay below; 0 without test reports. It is frozen."""
    tested = DatasetRow.objects.filter(snapshot__content_hash=content_hash, split=Incident.Split.TEST)
    lengths = tested.annotate(length=Length("text_revision__text")).order_by("-length").values_list("length", flat=True)
    return lengths[int((1 - LONGER_THAN) * len(lengths))] if lengths else 0
