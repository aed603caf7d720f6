"""Measuring what more labels would bring: asked for by people or by rounds, done by a job of the desk."""

import pytest

from classifier.ml.learning_curve import FOLDS, FRACTIONS
from classifier.models import LearningRun
from classifier.services import learning
from classifier.services.analysis_runs import state_of
from classifier.services.learning_page import learning_page, starving, summary, table
from incidents.models import Setting
from tests.builders import make_curve, make_learning_run, make_path, make_starving_curve, make_user
from tests.classifier.services.conftest import decide_reports
from workers import jobs
from workers.models import Job

pytestmark = pytest.mark.django_db
SENTENCE = "100 more labels: macro-F1 of categories from 0.62 to about 0.66 (0.60 to 0.71), a gain of 0.02 to 0.06."


def carry_out(run):
    job = Job.objects.get(kind=learning.KIND, object_id=run.pk)
    learning.measure_learning(jobs.claim_job(job, worker="test"))
    run.refresh_from_db()
    return run


def test_the_curves_of_all_decided_reports_are_stored_and_shown():
    decide_reports(120)
    analyst = make_user(role="analyst")
    run = carry_out(learning.request_learning(analyst))
    assert (run.status, run.labels, run.by, run.trouble) == ("done", 120, analyst, "")
    job = Job.objects.get()
    assert (job.status, job.progress) == ("done", {"part": FOLDS * len(FRACTIONS), "of": FOLDS * len(FRACTIONS)})
    found = learning.learning()
    assert [one.label for one in found.classes("category")] != [] and found.of("category").labels == 120
    assert {one.label: one.labels for one in found.classes("sub_category")} == {"Vishing": 40, "Malware": 40}
    assert found.state.status == "done" and found.since == 0
    before = run.curves
    Job.objects.update(status="queued", attempts=0)
    assert carry_out(run).curves == before


def test_while_it_is_at_work_nobody_asks_again():
    learning.request_learning()
    assert learning.request_learning() is None
    Job.objects.update(status="failed", error="The disk is full.")
    assert state_of(learning.KIND, LearningRun.objects.get()).trouble == "The disk is full."
    assert learning.request_learning() is not None


def test_too_few_labels_are_said_and_no_failure_of_the_job():
    decide_reports(12)
    run = carry_out(learning.request_learning())
    assert run.status == "failed" and "100 are needed" in run.trouble and run.curves == []
    assert Job.objects.get().status == "done"


def test_one_label_for_all_is_said():
    path = make_path("Fraud")
    for incident in decide_reports(110):
        incident.current_label.paths.set([path])
    assert "two different labels" in carry_out(learning.request_learning()).trouble


def test_a_run_that_failed_leaves_the_curves_before_it():
    kept = make_learning_run()
    LearningRun.objects.create(status="failed", trouble="Too few.")
    found = learning.learning()
    assert found.run == kept and (found.state.status, found.state.trouble) == ("failed", "Too few.")


def test_rounds_ask_once_enough_was_decided_since_the_last_run():
    Setting.objects.create(key="learning_after", value=20)
    decide_reports(19)
    assert learning.request_due_learning() is None
    decide_reports(2, start=19)
    run = learning.request_due_learning()
    assert run.by is None and Job.objects.get().priority == Job.Priority.BACKFILL
    carry_out(run)
    assert learning.request_due_learning() is None
    decide_reports(20, start=30)
    assert learning.request_due_learning() is not None


def test_what_helps_most_comes_first():
    kinds = [
        make_curve("Enough", verdict="enough", gain=0.001), make_curve("Flat", verdict="flat", gain=0.001),
        make_curve("Slow", gain=0.03), make_curve("Quick", gain=0.09), make_curve("Noise", verdict="unknown"),
        make_starving_curve("Nine", labels=9), make_starving_curve("Two", labels=2),
    ]  # fmt: skip
    make_learning_run(curves=[make_curve(), *kinds])
    shown = [one.label for one in learning.learning().classes("category")]
    assert shown == ["Two", "Nine", "Quick", "Slow", "Noise", "Flat", "Enough"]


def test_sentences_say_what_the_next_labels_bring_and_who_starves():
    make_learning_run()
    found = learning.learning()
    mean = found.of("category")
    assert summary(mean) == SENTENCE
    assert starving(found.classes("category")) == "Starving, with fewer than 20 labels: Ransomware."
    make_learning_run(curves=[make_curve(verdict="unknown"), *(make_starving_curve(name) for name in "ABCDEFG")])
    found = learning.learning()
    assert "which chance may explain" in summary(found.of("category"))
    assert starving(found.classes("category")).endswith("A, B, C, D, E and 2 more.")


def test_a_sub_category_leads_to_the_reports_of_its_category():
    make_path("Hacking & more", "Account takeover")
    run_of = [make_curve(view="sub_category"), make_curve("Account takeover", view="sub_category")]
    make_learning_run(curves=run_of)
    (view,) = learning_page().views
    assert view.rows[0].query == "category=Hacking+%26+more&order=margin" and view.chart.marks[-1].strong


def test_the_table_has_a_line_for_each_curve_and_leaves_out_what_is_not_known():
    make_learning_run()
    header, mean, starving_one, rising = table(learning.learning())
    assert dict(zip(header, mean, strict=True))["then"] == 0.66
    row = dict(zip(header, starving_one, strict=True))
    assert (row["class"], row["labels"], row["gain"], row["verdict"]) == ("Ransomware", 7, "", "starving")
    assert dict(zip(header, rising, strict=True))["f1_at_0.125"] == 0.2
