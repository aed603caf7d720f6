"""Reports that no promise covers: the thresholds of acting were measured on others than these."""

from django.db.models.functions import Length

from classifier.ml.hidden import hidden
from classifier.models import DatasetSnapshot
from incidents.models import Incident, TextRevision
from incidents.texts import training_text

LONGER_THAN = 0.99  # of the held-out reports: a text far longer can hold another report beside what it reports


def is_unlike_measured(revision: TextRevision, longest: int) -> bool:
    """Whether a person has to look whatever the model says: it hides characters, or is longer than `longest`."""
    text = training_text(revision.title, revision.text)
    return len(revision.text) > longest or bool(hidden(text))


def longest_measured(snapshot: DatasetSnapshot) -> int:
    """The characters that all but 1 % of its test reports stay below; 0 without test reports."""
    tested = snapshot.rows.filter(split=Incident.Split.TEST).annotate(length=Length("text_revision__text"))
    lengths = tested.order_by("-length").values_list("length", flat=True)
    return lengths[int((1 - LONGER_THAN) * len(lengths))] if lengths else 0
