"""What is left out of a dataset, or counts less, and which side of the split that touches."""

import datetime as dt
from typing import Any

import pytest

from classifier.models import Doubt, DoubtRun
from classifier.services.selection import Selection
from classifier.services.snapshot import NothingDecided, freeze
from classifier.services.training import TrainingRefused, request_training
from events.services.training import train_again
from incidents.models import ImportBatch, Incident, Label, ReporterMessage
from tests.builders import make_decided, make_path, make_user
from tests.classifier.services.conftest import decide_reports, run_to_end

pytestmark = pytest.mark.django_db
SPLITS = tuple(Incident.Split.values)


def decided(split: str = "train", **label: Any) -> Incident:
    incident = make_decided(make_path("Hacking"), text=f"{split} {Incident.objects.count()}", split=split)
    Label.objects.filter(current_of=incident).update(**label)
    return incident


def doubt(incident: Incident) -> None:
    run = DoubtRun.objects.create()
    label = incident.current_label
    Doubt.objects.create(run=run, incident=incident, label=label, quality=0.1, suggested=[], probability=0.9)


def frozen(selection: Selection) -> dict[str, list[float]]:
    """Per side the weights of its rows."""
    weights: dict[str, list[float]] = {}
    for split, weight in freeze(selection).rows.order_by("pk").values_list("split", "weight"):
        weights.setdefault(split, []).append(weight)
    return weights


def test_a_person_whose_labels_are_left_out_judges_no_model_either() -> None:
    ann = make_user("ann")
    for split in SPLITS:
        decided(split, reviewer=ann)
        decided(split)
    assert frozen(Selection(labellers={ann.pk: 0.0})) == {split: [1.0] for split in SPLITS}


def test_what_counts_less_judges_in_full() -> None:
    ann = make_user("ann")
    for split in SPLITS:
        decided(split, reviewer=ann)
    assert frozen(Selection(labellers={ann.pk: 0.5})) == {"train": [0.5], "validation": [0.5], "test": [1.0]}


def test_doubted_labels_stay_on_the_test_side_which_would_be_easier_without_them() -> None:
    for split in SPLITS:
        doubt(decided(split))
        decided(split)
    assert frozen(Selection(doubted=0.0)) == {"train": [1.0], "validation": [1.0], "test": [1.0, 1.0]}


def test_a_doubt_that_a_person_has_settled_is_none() -> None:
    doubt(decided())
    Doubt.objects.update(state=Doubt.State.KEPT)
    assert frozen(Selection(doubted=0.0)) == {"train": [1.0]}


def test_an_import_a_day_and_the_samples_are_left_out_from_every_side() -> None:
    batch = ImportBatch.objects.create(name="tram.csv")
    day = dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)
    for split in SPLITS:
        Incident.objects.filter(pk=decided(split).pk).update(import_batch=batch)
        Incident.objects.filter(pk=decided(split).pk).update(source=Incident.Source.DEMO)
        decided(split, created_at=day)
        decided(split)
    rest = {split: [1.0] * 3 for split in SPLITS}
    assert frozen(Selection(imports={batch.pk: 0.0})) == rest
    assert frozen(Selection(synthetic=0.0)) == rest
    assert frozen(Selection(days={"2026-03-05": 0.0})) == rest
    assert frozen(Selection(days={"2026-03-06": 0.0})) == {split: [1.0] * 4 for split in SPLITS}


def test_causes_that_meet_are_multiplied_with_each_other_and_with_a_dispute() -> None:
    ann = make_user("ann")
    incident = decided(reviewer=ann)
    doubt(incident)
    ReporterMessage.objects.create(incident=incident, kind=ReporterMessage.Kind.WRONG, disputed=incident.current_label)
    assert frozen(Selection(labellers={ann.pk: 0.5}, doubted=0.5)) == {"train": [0.125]}


def test_leaving_everything_out_says_so() -> None:
    decided(reviewer=make_user("ann"))
    ann = Label.objects.get().reviewer_id
    with pytest.raises(NothingDecided, match="All decided reports are left out"):
        freeze(Selection(labellers={ann: 0.0}))


def test_it_comes_back_from_its_json() -> None:
    whole = Selection({3: 0.0}, {2: 0.5}, {"2026-03-05": 0.25}, doubted=0.0, synthetic=0.1)
    assert Selection.from_json(whole.to_json()) == whole
    assert Selection({3: 1.0}).to_json() == {} and Selection.from_json({}) == Selection()


def test_another_selection_is_another_dataset_and_the_same_one_is_nothing_new(champion: Any) -> None:
    ann = make_user("ann")
    Label.objects.filter(current_of__in=Incident.objects.order_by("pk")[:20]).update(reviewer=ann)
    without = Selection(labellers={ann.pk: 0.0})
    run = run_to_end(request_training(base_model="none", selection=without))
    assert run.snapshot != champion.snapshot and sum(run.snapshot.counts.values()) == 70
    with pytest.raises(TrainingRefused, match="Nothing changed"):
        request_training(base_model="none", selection=without)
    served = champion.evaluations.get(snapshot=run.snapshot, part="served")
    assert served.figures["n"] == run.version.evaluations.get(part="served").figures["n"] == run.snapshot.counts["test"]


def test_training_again_leaves_the_same_out_of_what_is_there_then(champion: Any) -> None:
    ann = make_user("ann")
    Label.objects.filter(current_of__in=Incident.objects.order_by("pk")[:20]).update(reviewer=ann)
    first = run_to_end(request_training(base_model="none", selection=Selection(labellers={ann.pk: 0.0})))
    Label.objects.filter(current_of__in=decide_reports(30, start=300)[:10]).update(reviewer=ann)
    again = train_again(first, by=None)
    assert again.selection == first.selection
    assert sum(again.snapshot.counts.values()) == 90
