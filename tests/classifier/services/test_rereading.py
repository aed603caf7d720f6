import pytest

from classifier.services import rereading
from incidents.models import Incident, TaxonomyStep
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import make_decided, make_path
from tests.incidents.desk import work_off
from workers import jobs
from workers.models import Job
from workers.tasks import DESK, HANDLERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def reports(monkeypatch):
    monkeypatch.setattr(rereading, "CHUNK", 2)
    path = make_path("Fraud", "Vishing")
    return [make_decided(path, text=f"Call {number}").pk for number in range(5)]


@pytest.fixture
def step(reports):
    return take(Wish("rename", category="Fraud", name="Deceit"), by=None)


def shown():
    return list(Incident.objects.order_by("pk").values_list("standing_category", flat=True))


def claimed():
    limits = {kind: one.limit for kind, one in HANDLERS.items() if one.queue == DESK}
    return jobs.claim(DESK, worker="test", limits=limits)


def test_all_reports_follow_and_the_step_says_so(step, reports):
    assert shown() == ["Fraud"] * 5
    work_off()
    assert shown() == ["Deceit"] * 5
    step.refresh_from_db()
    assert (step.read_to, step.read_at is not None) == (reports[-1], True)


def test_after_a_kill_it_goes_on_where_it_was(step, reports, monkeypatch):
    batch, chunks = claimed(), []

    def killed(progress=None):
        chunks.append(progress)
        if len(chunks) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(batch, "beat", killed)
    with pytest.raises(KeyboardInterrupt):
        rereading.reread(batch)
    assert shown() == ["Deceit"] * 2 + ["Fraud"] * 3
    assert chunks[1] == {"part": reports[1], "of": reports[-1]}
    Job.objects.filter(kind=rereading.KIND).update(status="queued", token="", lease_until=None)
    work_off()
    assert shown() == ["Deceit"] * 5


def test_a_worker_that_was_given_up_writes_nothing(step):
    batch = claimed()
    Job.objects.filter(kind=rereading.KIND).update(token="of another worker")
    with pytest.raises(jobs.LeaseLost):
        rereading.reread(batch)
    assert shown() == ["Fraud"] * 5
    assert TaxonomyStep.objects.get().read_to == 0


def test_run_twice_it_changes_nothing_more(step):
    work_off()
    TaxonomyStep.objects.update(read_to=0, read_at=None)
    rereading.request_rereading(step)
    before = list(Incident.objects.order_by("pk").values())
    work_off()
    assert list(Incident.objects.order_by("pk").values()) == before
