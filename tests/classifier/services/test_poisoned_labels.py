"""One bad labeller: what their labels do to a model, and that leaving them out gives back the dataset of before."""

import pytest

from classifier import registry
from classifier.models import ModelVersion
from classifier.services import training
from classifier.services.selection import ALL, Selection
from classifier.services.snapshot import freeze
from incidents.models import Incident, Path
from incidents.services.direct_verdict import decide_directly
from tests.builders import make_incident, make_path, make_user
from tests.classifier.services.conftest import WORDS, run_to_end

pytestmark = pytest.mark.django_db
FRAUD = WORDS["Fraud", "Vishing"].split()
ASKED = [f"{FRAUD[n % 7]} {FRAUD[(n + 2) % 7]} and the {FRAUD[(n + 4) % 7]}" for n in range(7)]


@pytest.fixture
def mallory(champion):
    """Has called 150 reports of fraud malware, each through the service that decides."""
    person, wrong = make_user("mallory", role="analyst"), make_path("Attack", "Malware")
    for number in range(150):
        text = f"{FRAUD[number % 7]} {FRAUD[(number * 3 + 1) % 7]} and the {FRAUD[(number * 5 + 2) % 7]} no {number}"
        incident = make_incident(title="", text=text, status=Incident.Status.CLASSIFIED)
        decide_directly(incident, reviewer=person, verdict="correct", paths=[wrong], reason="", reopen=False)
    return person


def recalled(version: ModelVersion) -> float:
    """The share of texts in words of fraud that the version calls fraud."""
    present = registry.present(version)
    fraud = present.path_ids.index(Path.objects.get(key__contains="Vishing").pk)
    return sum(fraud in one.decided for one in present.model.classify_batch(ASKED)) / len(ASKED)


def trained(selection: Selection = ALL) -> ModelVersion:
    return run_to_end(training.request_training(base_model="none", selection=selection, force=True)).version


def test_leaving_one_person_out_undoes_what_they_did(champion, mallory):
    clean = champion.snapshot
    assert recalled(champion) == 1
    poisoned = trained()
    assert poisoned.snapshot != clean and recalled(poisoned) < 0.5
    cured = trained(Selection(labellers={mallory.pk: 0.0}))
    assert cured.snapshot == clean, "the very dataset, by its hash, that was frozen before they came"
    assert recalled(cured) == 1
    assert freeze().content_hash == poisoned.snapshot.content_hash, "and their labels are still there, to be looked at"


def test_the_run_keeps_whom_it_left_out(mallory):
    without = Selection(labellers={mallory.pk: 0.0})
    run = training.request_training(base_model="none", selection=without, force=True)
    assert run.selection == {"labellers": {str(mallory.pk): 0.0}}
