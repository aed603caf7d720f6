"""The words that carried a label: asked for by a page, found by a worker."""

import json
import shutil

import pytest

from classifier import registry
from classifier.models import Explanation, Prediction
from classifier.services import asking, explaining, explanations
from classifier.services.classify import classify_batch
from incidents.models import TextRevision
from tests.builders import make_incident, make_path, make_prediction, make_version
from workers import jobs, runner
from workers.models import Job

TEXT = "A caller asked for my bank code, and the rupees were gone."


def run_waiting(service, kind):
    batch = jobs.claim("inference", worker="test", limits={kind: jobs.Limit(batch=8)})
    runner.run(batch, service)
    return batch


def predicted(title="Wednesday", text=TEXT):
    incident = make_incident(title=title, text=text)
    asking.request_classification(incident.pk, priority=0)
    run_waiting(classify_batch, "classify")
    return Prediction.objects.select_related("version__snapshot").get(incident=incident)


def explain_waiting():
    return run_waiting(explaining.explain_batch, "explain")


@pytest.fixture
def prediction(champion, monkeypatch):
    monkeypatch.setattr("classifier.registry._loaded", type(registry._loaded)())
    return predicted()


def test_the_words_of_the_decided_label_are_found_by_a_worker(prediction):
    explanation = explanations.ask(prediction, priority=0)
    assert explanations.state(explanation) == "waiting"
    explain_waiting()
    explanation.refresh_from_db()
    assert explanations.state(explanation) == "computed" and explanation.path_id == prediction.path_ids[0]
    best = explanations.words_of(explanation)[:3]
    assert {TEXT[word.start : word.end].strip(",.") for word in best} <= {"caller", "bank", "code", "rupees"}
    assert all(word.part == "text" and word.linear > 0 and word.t5 == 0 for word in best)
    assert explanation.seconds > 0


def test_asking_queues_it_once_as_urgent_as_it_was_first_asked(prediction):
    first = explanations.ask(prediction, priority=Job.Priority.WEB)
    assert explanations.ask(prediction, priority=Job.Priority.API) == first
    (job,) = Job.objects.filter(kind="explain")
    assert job.priority == Job.Priority.WEB and job.object_id == first.pk


def test_another_label_can_be_asked_for(prediction):
    other = next(pk for pk in prediction.version.snapshot.path_ids if pk not in prediction.path_ids)
    explanations.ask(prediction, priority=0)
    explanation = explanations.ask(prediction, other, priority=0)
    explain_waiting()
    explanation.refresh_from_db()
    against = [word.total for word in explanations.words_of(explanation) if word.total < 0]
    assert explanation.path_id == other and against
    assert all(row.is_computed for row in Explanation.objects.all())


def test_a_label_that_the_version_does_not_know_is_refused(prediction):
    with pytest.raises(explanations.UnknownLabel, match="does not know"):
        explanations.ask(prediction, make_path("New category").pk, priority=0)


def test_running_the_work_twice_changes_nothing(prediction):
    explanation = explanations.ask(prediction, priority=0)
    explain_waiting()
    explanation.refresh_from_db()
    asking.request_explanation(explanation.pk, priority=0)
    explain_waiting()
    again = Explanation.objects.get()
    assert (again.words, again.seconds) == (explanation.words, explanation.seconds)
    assert {job.status for job in Job.objects.filter(kind="explain")} == {"done"}


def test_no_word_of_the_report_is_stored(prediction):
    explanation = explanations.ask(prediction, priority=0)
    explain_waiting()
    explanation.refresh_from_db()
    stored = json.dumps(explanation.words)
    assert not any(letter.isalpha() for letter in stored)


def test_an_erased_report_takes_its_explanation_along(prediction):
    explanations.ask(prediction, priority=0)
    prediction.delete()
    explain_waiting()
    assert not Explanation.objects.exists()
    assert Job.objects.get(kind="explain").status == "done"


def test_a_changed_text_is_explained_anew(prediction):
    explanations.ask(prediction, priority=0)
    incident = prediction.incident
    incident.current_text = TextRevision.objects.create(incident=incident, number=2, text="virus file", text_hash="x")
    incident.save()
    asking.request_classification(incident.pk, priority=0)
    run_waiting(classify_batch, "classify")
    newer = Prediction.objects.select_related("version__snapshot").latest("pk")
    explanations.ask(newer, priority=0)
    explain_waiting()
    assert {row.prediction_id for row in Explanation.objects.all() if row.is_computed} == {prediction.pk, newer.pk}


def test_a_version_whose_artefact_is_gone_says_so_and_can_be_asked_again(prediction, monkeypatch):
    monkeypatch.setattr("classifier.registry._loaded", type(registry._loaded)())
    shutil.move(prediction.version.artefact, prediction.version.artefact.with_suffix(".away"))
    explanation = explanations.ask(prediction, priority=0)
    explain_waiting()
    explanation.refresh_from_db()
    assert explanations.state(explanation) == "impossible"
    assert "cannot be read any more: ArtifactMissing" in explanations.trouble(explanation)
    assert "An admin must train a new model" in explanations.trouble(explanation)
    prediction.version.stage = "previous"
    prediction.version.save()
    assert "Have the report classified again" in explanations.trouble(explanations.find(prediction))
    shutil.move(prediction.version.artefact.with_suffix(".away"), prediction.version.artefact)
    assert explanations.state(explanations.ask(prediction, priority=0)) == "waiting"
    explain_waiting()
    explanation.refresh_from_db()
    assert explanation.is_computed and not explanation.problem


def test_explaining_what_earlier_versions_said_leaves_the_champion_in_memory(prediction):
    champion = prediction.version
    serving = registry.load(champion)
    for name in ("earlier-1", "earlier-2"):
        earlier = make_version(name=name, folder=name, snapshot=champion.snapshot)
        shutil.copytree(champion.artefact, earlier.artefact)
        explanations.ask(make_prediction(prediction.incident, earlier), priority=0)
        explain_waiting()
        assert set(registry._loaded) == {champion.folder, name}
    assert registry.load(champion) is serving


def test_work_that_failed_says_why_and_is_taken_up_again_when_asked(prediction):
    explanation = explanations.ask(prediction, priority=0)
    Job.objects.filter(kind="explain").update(status="failed", error="OSError (No space left on device)")
    assert explanations.state(explanation) == "failed"
    assert "No space left" in explanations.trouble(explanation)
    assert explanations.state(explanations.ask(prediction, priority=0)) == "waiting"
    assert Job.objects.filter(kind="explain").count() == 1


@pytest.mark.django_db
def test_a_prediction_that_nobody_asked_about_has_no_explanation():
    make_path("Hacking")
    prediction = make_prediction(make_incident())
    assert explanations.find(prediction) is None
