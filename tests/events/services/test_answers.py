import json
import shutil
from datetime import timedelta

import pytest
from django.utils import timezone

from classifier import registry
from classifier.models import ModelVersion
from events.models import ThreatAnswer
from events.services.answers import KIND, ask, judge_threats
from events.stream.prompts import prompt
from tests.builders import make_version
from tests.events.services.threats import add_examples, trained
from workers import jobs, runner
from workers.jobs import Limit
from workers.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("caseloop_home")]
THREAT = prompt("mimikatz seen on poplar", "suspicious", 0.9)
NORMAL = prompt("backup of poplar done", "suspicious", 0.9)


def work() -> None:
    """What a worker does as long as something is asked."""
    while batch := jobs.claim("inference", worker="test", limits={KIND: Limit(batch=64)}):
        runner.run(batch, judge_threats)


@pytest.fixture
def version() -> ModelVersion:
    add_examples(hosts=12)
    return trained()


def test_what_is_asked_is_answered_with_a_probability_from_the_labels(version: ModelVersion) -> None:
    asked = [ask(version, 11, 2, THREAT), ask(version, 12, 2, NORMAL)]
    assert asked[0].is_threat is None
    work()
    for answer in asked:
        answer.refresh_from_db()
    assert [answer.is_threat for answer in asked] == [True, False]
    assert set(Job.objects.filter(kind=KIND).values_list("status", flat=True)) == {"done"}


def test_one_answer_serves_a_template_and_band_and_is_asked_for_once(version: ModelVersion) -> None:
    first = ask(version, 11, 2, THREAT)
    assert ask(version, 11, 2, NORMAL) == first and first.prompt == THREAT
    assert ask(version, 11, 3, THREAT) != first
    assert Job.objects.filter(kind=KIND).count() == 2
    assert Job.objects.filter(kind=KIND).values_list("priority", flat=True)[0] == Job.Priority.API


def test_events_without_a_template_share_an_answer_only_where_their_prompts_are_the_same(version: ModelVersion) -> None:
    assert ask(version, 0, 2, THREAT) == ask(version, 0, 2, THREAT) != ask(version, 0, 2, NORMAL)


def test_another_version_answers_anew(version: ModelVersion) -> None:
    assert ask(version, 11, 2, THREAT) != ask(make_version(line="detect"), 11, 2, THREAT)


def test_a_job_that_is_run_twice_changes_nothing(version: ModelVersion) -> None:
    answer = ask(version, 11, 2, THREAT)
    ThreatAnswer.objects.filter(pk=answer.pk).update(probability=0.25)
    work()
    answer.refresh_from_db()
    assert answer.probability == 0.25


def test_a_version_that_cannot_be_read_says_so_and_keeps_no_other_from_answering(version: ModelVersion) -> None:
    broken = make_version(line="detect", name="gone-v9", folder="gone-v9")
    failed, answered = ask(broken, 11, 2, THREAT), ask(version, 11, 2, THREAT)
    work()
    failed.refresh_from_db(), answered.refresh_from_db()
    assert failed.probability is None and "train or restore the version" in failed.problem
    assert answered.is_threat


def test_a_failed_answer_is_asked_for_again_after_a_while_and_then_given(version: ModelVersion) -> None:
    aside = version.artefact.with_name("aside")
    shutil.move(version.artefact, aside)
    registry._loaded.clear()
    answer = ask(version, 11, 2, THREAT)
    work()
    shutil.move(aside, version.artefact)
    ask(version, 11, 2, THREAT)
    assert Job.objects.filter(kind=KIND).count() == 1
    ThreatAnswer.objects.update(created_at=timezone.now() - timedelta(hours=1))
    for _ in range(2):
        ask(version, 11, 2, THREAT)
    assert Job.objects.filter(kind=KIND).count() == 2
    work()
    answer.refresh_from_db()
    assert answer.is_threat and answer.problem == ""


def test_a_version_that_tells_no_threats_says_so(version: ModelVersion) -> None:
    manifest = version.artefact / "manifest.json"
    content = json.loads(manifest.read_text("utf-8"))
    content["paths"] = [{"categories": ["Fraud"], "sub_category": ""}, {"categories": ["Hacking"], "sub_category": ""}]
    manifest.write_text(json.dumps(content), "utf-8")
    registry._loaded.clear()
    answer = ask(version, 11, 2, THREAT)
    work()
    answer.refresh_from_db()
    assert answer.problem == f"{version.name} does not tell threats from normal events: train a detection model."
