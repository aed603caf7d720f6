"""`manage.py train` with reports left out."""

import pytest

from classifier.models import TrainingRun
from incidents.models import ImportBatch, Incident, Label
from tests.builders import make_user
from tests.classifier.commands.conftest import run
from tests.classifier.services.conftest import decide_reports

TRAIN = ("train", "--base-model", "none", "--enqueue", "--json")


@pytest.fixture
def ann(db, home):
    user = make_user("ann")
    incidents = decide_reports()
    Label.objects.filter(current_of__in=incidents[:30]).update(reviewer=user)
    batch = ImportBatch.objects.create(name="tram.csv")
    Incident.objects.filter(pk__in=[one.pk for one in incidents[40:60]]).update(import_batch=batch)
    return user


def test_what_is_named_is_left_out(ann):
    assert run(*TRAIN, "--without-labeller", "ann", "--without-import", "tram.csv", "--without-doubted").code == 0
    asked = TrainingRun.objects.get()
    batch = ImportBatch.objects.get()
    assert asked.selection == {"labellers": {str(ann.pk): 0.0}, "imports": {str(batch.pk): 0.0}, "doubted": 0.0}
    assert sum(asked.snapshot.counts.values()) == 40


def test_what_is_weighed_counts_less(ann):
    number = ImportBatch.objects.get().pk
    weighed = ["labeller:ann=0.5", f"import:{number}=0.25", "day:2026-03-05=0", "synthetic=0.1"]
    assert run(*TRAIN, *(part for one in weighed for part in ("--weigh", one))).code == 0
    assert TrainingRun.objects.get().selection == {
        "labellers": {str(ann.pk): 0.5}, "imports": {str(number): 0.25}, "days": {"2026-03-05": 0.0}, "synthetic": 0.1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--without-labeller", "nobody"], "there is no account 'nobody'"),
        (["--without-import", "other.csv"], "there is no import 'other.csv'. Known: "),
        (["--without-day", "yesterday"], "'yesterday' is no day"),
        (["--line", "detect", "--without-doubted"], "only trainings of the line classify"),
    ],
)
def test_what_is_not_known_is_a_usage_error(ann, flags, said):
    ran = run(*TRAIN, *flags)
    assert ran.code == 2
    assert said in ran.json["error"]
    assert not TrainingRun.objects.exists()


@pytest.mark.parametrize("weighed", ["ann=0.5", "labeller:ann=2", "labeller:ann", "doubted:x=0.5", "labeller=0.5"])
def test_a_weight_that_says_nothing_is_a_usage_error(ann, weighed):
    ran = run(*TRAIN, "--weigh", weighed)
    assert ran.code and "argument --weigh" in ran.err
    assert not TrainingRun.objects.exists()


def test_the_result_tells_what_was_left_out_as_the_pages_do(ann):
    told = run("train", "--base-model", "none", "--json", "--without-labeller", "ann")
    assert told.json["selection"] == TrainingRun.objects.get().selection
    assert told.json["contents"] == TrainingRun.objects.get().contents
    assert "30 reports decided by ann: left out" in told.err
