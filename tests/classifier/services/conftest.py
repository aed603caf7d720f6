import pytest

from classifier.services import trainer, training
from incidents.models import Incident, Setting
from tests.builders import make_incident, make_label, make_path
from workers import jobs

WORDS = {
    ("Fraud", "Vishing"): "caller bank code otp phone rupees voice",
    ("Attack", "Malware"): "virus file infected laptop antivirus trojan download",
    ("Abuse", ""): "picture profile insult message threat school follow",
}
SIDES = ["train"] * 8 + ["validation", "test"]


def decide_reports(count=90, start=0):
    """Decided reports of three labels, spread over the splits; each has words of its own label."""
    incidents = []
    for number in range(start, start + count):
        (category, sub), words = list(WORDS.items())[number % 3]
        picked = words.split()
        text = (
            f"{picked[number % 7]} {picked[(number * 3 + 1) % 7]} and the {picked[(number * 5 + 2) % 7]} case {number}"
        )
        incident = make_incident(title="", text=text, split=SIDES[number // 3 % 10], status=Incident.Status.DECIDED)
        incident.current_label = make_label(incident, paths=[make_path(category, sub)], source="import")
        incident.save()
        incidents.append(incident)
    return incidents


def run_to_end(run):
    """Run a training's job in this process, as `manage.py train` does."""
    batch = jobs.claim_job(training.job_of(run), worker="test")
    trainer.run_training(batch)
    run.refresh_from_db()
    return run


@pytest.fixture
def home(tmp_path, settings):
    settings.CASELOOP_HOME = tmp_path
    return tmp_path


@pytest.fixture
def champion(db, home):
    """A linear model trained on decided reports and, being the first, in charge. Nine test reports are enough here."""
    Setting.objects.create(key="gate_min_reports", value=0)
    decide_reports()
    return run_to_end(training.request_training(base_model="none")).version
