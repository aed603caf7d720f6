"""What is in a dataset and what is not, by cause: the same figures as the frozen rows."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classifier.models import DatasetSnapshot
from classifier.services.dataset_contents import Contents, DecidedReports, in_words
from classifier.services.selection import ALL, Cause, Selection
from classifier.services.snapshot import freeze
from incidents.models import ImportBatch, Incident, Label, ReporterMessage
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import make_decided, make_incident, make_label, make_path, make_user
from tests.classifier.services.conftest import decide_reports

pytestmark = pytest.mark.django_db


@pytest.fixture
def mixed() -> Selection:
    """90 decided reports, of which 30 are left out and 20 count less, some for two causes; 4 others."""
    incidents = decide_reports()
    ann, batch = make_user("ann"), ImportBatch.objects.create(name="tram.csv")
    Label.objects.filter(current_of__in=incidents[:30]).update(reviewer=ann)
    Incident.objects.filter(pk__in=[one.pk for one in incidents[20:50]]).update(import_batch=batch)
    for verdict in ("reject", "unsure"):
        other = make_incident()
        other.current_label = make_label(other, verdict=verdict)
        other.save()
    make_incident()
    make_incident(status="merged")
    return Selection(labellers={ann.pk: 0.0}, imports={batch.pk: 0.5})


def test_each_report_stands_once_and_the_counts_are_those_of_the_frozen_dataset(mixed: Selection) -> None:
    contents, snapshot = DecidedReports().contents(mixed), freeze(mixed)
    assert contents.counts == snapshot.counts and contents.total == 60
    told = {part.cause.value: part.total for part in contents.parts}
    assert told == {"labeller": 30, "import": 20 - judging(snapshot)}
    assert (contents.undecided, contents.rejected, contents.unsure) == (1, 1, 1)
    rows = Counter(snapshot.rows.values_list("weight", flat=True))
    assert rows[0.5] == next(part.total for part in contents.parts if part.factor == 0.5)


def judging(snapshot: DatasetSnapshot) -> int:
    """Test rows of the import, which judge in full."""
    return snapshot.rows.filter(split="test", incident__import_batch__isnull=False).count()


def test_they_are_told_in_words(mixed: Selection) -> None:
    told = in_words(DecidedReports().contents(mixed).parts)
    assert told[0] == "30 reports decided by ann: left out"
    assert "of the import tram.csv" in told[1] and told[1].endswith("count 0.5")


def test_disputed_decisions_are_told_without_any_selection(mixed: Selection) -> None:
    incident = Incident.objects.filter(current_label__isnull=False).latest("pk")
    label = Label.objects.filter(current_of__isnull=False, verdict="confirm").latest("pk")
    ReporterMessage.objects.create(incident=incident, kind=ReporterMessage.Kind.WRONG, disputed=label)
    assert in_words(DecidedReports().contents(Selection()).parts) == [
        "1 report whose reporter calls the decision wrong: count 0.5"
    ]


def test_what_there_is_to_leave_out_is_listed_with_its_reports(mixed: Selection) -> None:
    choices = DecidedReports().choices()
    assert [(one.name, one.reports) for one in choices.labellers] == [("ann", 30)]
    assert [one.reports for one in choices.imports] == [30]
    assert sum(one.reports for one in choices.days) == 90


def test_it_comes_back_from_its_json(mixed: Selection) -> None:
    contents = DecidedReports().contents(mixed)
    assert Contents.from_json(contents.to_json()) == contents
    assert Contents.from_json({}).total == 0


def test_it_is_one_query_however_many_reports(mixed: Selection) -> None:
    with CaptureQueriesContext(connection) as queries:
        DecidedReports()
    assert len(queries) == 1


def test_labels_that_were_split_or_retired_are_left_out_and_counted():
    paths = [make_path("Fraud", name) for name in ("Phishing", "Smishing", "Vishing")]
    for path in paths:
        make_decided(path, text=f"About {path}")
    take(Wish("split", "Fraud / Vishing", names=("Bank", "Police")), by=None)
    take(Wish("retire", "Fraud / Smishing"), by=None)
    contents = DecidedReports().contents(ALL)
    (part,) = contents.parts
    assert (contents.total, part.cause, part.total, part.factor) == (1, Cause.TAXONOMY, 2, 0)
    assert in_words(contents.parts) == ["2 reports whose label was retired, or split and not told apart yet: left out"]
    assert freeze().rows.count() == contents.total
