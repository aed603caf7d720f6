"""What a promotion would change, on open and recent reports."""

import datetime as dt

import pytest
from django.utils import timezone

from classifier.models import ImpactPreview, ModelVersion
from classifier.services.impact import NoImpact, ask_for_impact, groups_of, known_impact, preview_impact
from classifier.services.promotion import promote
from classifier.services.training import request_training
from incidents.models import Incident, Label, SecondOpinion, Setting, User
from tests.builders import make_decided, make_incident, make_label, make_path, make_user, make_version
from tests.classifier.services.conftest import WORDS, decide_reports, run_to_end
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db
VISHING, MALWARE = WORDS[("Fraud", "Vishing")], WORDS[("Attack", "Malware")]


@pytest.fixture
def analyst() -> User:
    return make_user(role="analyst")


@pytest.fixture
def challenger(champion: ModelVersion) -> ModelVersion:
    """A version that calls a scam what the champion calls vishing: it learned so from later decisions."""
    scam = make_path("Fraud", "Scam")
    for incident in Incident.objects.filter(current_label__paths=make_path("Fraud", "Vishing")):
        incident.current_label = make_label(incident, paths=[scam], source="import")
        incident.save()
    return run_to_end(request_training(base_model="none")).version


def look(version: ModelVersion) -> ImpactPreview:
    preview = ask_for_impact(version, by=None)
    preview_impact(jobs.claim("inference", worker="test", limits={"impact": Limit()}))
    preview.refresh_from_db()
    return preview


def test_changes_are_grouped_by_old_and_new_with_counts_and_examples(
    challenger: ModelVersion, champion: ModelVersion, analyst: User
) -> None:
    waiting = [make_incident(title="", text=VISHING) for _ in range(7)]
    make_incident(title="", text=MALWARE)
    preview = look(challenger)
    assert preview.status == ImpactPreview.Status.DONE
    assert [(one["old"], one["new"], one["reports"]) for one in preview.groups] == [
        ("Fraud › Vishing", "Fraud › Scam", 7)
    ]
    assert (preview.figures["reports"], preview.figures["changed"], preview.figures["open_changed"]) == (8, 7, 7)
    (group,) = groups_of(preview, analyst)
    assert len(group.examples) == 5 and set(group.examples) <= set(waiting)
    assert not Incident.objects.filter(current_model=challenger.name).exists(), "nothing changes by looking"


def test_decided_reports_that_it_learned_from_judge_nobody(challenger: ModelVersion) -> None:
    now = timezone.now()
    Incident.objects.filter(status="decided").update(decided_at=now)
    fresh = make_decided(make_path("Fraud", "Scam"), title="", text=VISHING, decided_at=now, split="train")
    preview = look(challenger)
    tested = challenger.snapshot.rows.filter(split="test").count()
    assert preview.figures["judged"] == tested + 1
    assert preview.figures["right_after"] > preview.figures["right_before"]
    assert fresh.current_label.verdict == Label.Verdict.CONFIRM


def test_what_the_champion_learned_from_judges_nobody_either(challenger: ModelVersion, champion: ModelVersion) -> None:
    judged_before = look(challenger).figures["judged"]
    now = timezone.now()
    make_decided(make_path("Fraud", "Scam"), title="", text=VISHING, decided_at=now)
    learned = champion.snapshot.rows.filter(split="train").first().incident
    Incident.objects.filter(pk=learned.pk).update(decided_at=now)
    challenger.snapshot.rows.filter(incident=learned).delete()
    figures = look(challenger).figures
    assert (figures["reports"], figures["judged"]) == (2, judged_before + 1)


def test_what_was_decided_with_the_suggestion_hidden_is_counted_apart(challenger: ModelVersion) -> None:
    scam, now = make_path("Fraud", "Scam"), timezone.now()
    Incident.objects.filter(status="decided").update(decided_at=now - dt.timedelta(days=40))
    for number, blind in enumerate((False, False, True)):
        report = make_incident(title="", text=f"{VISHING} {number}", status="decided", decided_at=now)
        report.current_label = make_label(report, paths=[scam], blind=blind)
        report.save()
    figures = look(challenger).figures
    assert [figures[name] for name in ("judged", "right_before", "right_after")] == [3, 0, 3]
    assert [figures[f"blind_{name}"] for name in ("judged", "right_before", "right_after")] == [1, 0, 1]


def test_what_was_decided_long_ago_is_not_looked_at(challenger: ModelVersion) -> None:
    Incident.objects.filter(status="decided").update(decided_at=timezone.now() - dt.timedelta(days=31))
    assert look(challenger).figures["reports"] == 0


def test_what_is_reviewed_blind_is_left_out_until_it_is_decided(challenger: ModelVersion) -> None:
    make_incident(title="", text=VISHING, blind=True)
    assert look(challenger).figures["reports"] == 0


def test_a_report_on_which_somebody_gives_a_second_opinion_is_no_example_to_them(
    challenger: ModelVersion, analyst: User
) -> None:
    report = make_decided(make_path("Fraud", "Scam"), title="", text=VISHING, decided_at=timezone.now())
    preview = look(challenger)
    assert report in groups_of(preview, analyst)[0].examples
    SecondOpinion.objects.create(
        incident=report,
        first=report.current_label,
        state=SecondOpinion.State.HELD,
        claimed_by=analyst,
        claim_expires_at=timezone.now() + dt.timedelta(minutes=5),
    )
    assert report not in groups_of(preview, analyst)[0].examples


def test_one_look_at_a_time_and_none_where_nobody_would_be_replaced(
    challenger: ModelVersion, champion: ModelVersion
) -> None:
    assert ask_for_impact(challenger, by=None) == ask_for_impact(challenger, by=None)
    assert Job.objects.filter(kind="impact").count() == 1
    with pytest.raises(NoImpact, match="no champion"):
        ask_for_impact(champion, by=None)


def test_what_reads_no_reports_is_not_looked_at(champion: ModelVersion) -> None:
    make_version(line="detect", stage="champion")
    version = make_version(line="detect", name="detect-v2")
    with pytest.raises(NoImpact, match="detect-v2 reads no reports"):
        ask_for_impact(version, by=None)
    assert "detect-v2 reads no reports" in known_impact(version).nothing
    assert not ImpactPreview.objects.exists()


def test_a_look_goes_on_where_it_stopped_when_more_urgent_work_came(
    challenger: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.services.impact.CHUNK", 2)
    monkeypatch.setattr("classifier.services.slices.SLICE_SECONDS", 0.0)
    reports = [make_incident(title="", text=VISHING) for _ in range(5)]
    preview = ask_for_impact(challenger, by=None)
    jobs.enqueue("classify", reports[0].pk, queue="inference", priority=Job.Priority.WEB)
    limits = {"impact": Limit()}
    preview_impact(jobs.claim("inference", worker="test", limits=limits))
    preview.refresh_from_db()
    assert preview.status == ImpactPreview.Status.RUNNING
    Job.objects.filter(kind="classify").delete()
    preview_impact(jobs.claim("inference", worker="test", limits=limits))
    preview.refresh_from_db()
    assert (preview.status, preview.figures["reports"], preview.groups[0]["reports"]) == ("done", 5, 5)


def test_the_promotion_keeps_what_was_known_of_its_effect(challenger: ModelVersion) -> None:
    make_incident(title="", text=VISHING)
    preview = look(challenger)
    Setting.objects.create(key="gate_overall_loss", value=1.0)
    Setting.objects.create(key="gate_min_support", value=1000)
    Setting.objects.create(key="gate_calibration", value=1.0)
    promotion = promote(challenger, by=make_user(role="admin"))
    assert promotion.impact == preview
    assert known_impact(challenger).shown is None, "it is the champion now"


def test_with_the_same_decisions_nothing_would_change(champion: ModelVersion) -> None:
    decide_reports(3, start=900)
    same = run_to_end(request_training(base_model="none", force=True)).version
    make_incident(title="", text=VISHING)
    assert look(same).groups == []
