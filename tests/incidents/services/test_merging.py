"""Reports joined to another one, and taken apart."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import AuditEvent, Incident, Merge
from incidents.services import merging, reviewing
from incidents.services.merging import MergeRefused
from incidents.services.reviewing import ClaimLost
from tests.builders import make_decided, make_incident, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db
Status = Incident.Status


@pytest.fixture
def analyst():
    return make_user("asha", role="analyst")


@pytest.fixture
def head():
    return make_incident(status=Status.CLASSIFIED)


def fresh(incident):
    return Incident.objects.get(pk=incident.pk)


def test_a_joined_report_leaves_the_queue_and_stands_with_its_head(analyst, head):
    one = make_incident(status=Status.CLASSIFIED)
    done = merging.merge(one, head, by=analyst, similarity=0.97)
    assert (one.status, one.merged_into) == (Status.MERGED, head)
    assert (done.into, done.status_before, done.similarity, done.by) == (head, Status.CLASSIFIED, 0.97, analyst)
    assert list(Incident.objects.awaiting_review()) == [head]
    assert merging.merged_reports(head) == [one] and merging.merged_counts([head, one]) == {head.pk: 1}


@pytest.mark.parametrize(
    "status",
    [Status.NEW, Status.CLASSIFIED, Status.SECOND_LOOK, Status.WAITING_REPORTER, Status.REJECTED],
)
def test_taken_apart_it_is_again_what_it_was(analyst, head, status):
    wakes = timezone.now() + timedelta(days=2)
    one = make_incident(status=status, wakes_at=wakes, awaits_answer=True)
    merging.merge(one, head, by=analyst)
    merging.unmerge(one, by=analyst)
    assert (one.status, one.merged_into, one.wakes_at, one.awaits_answer) == (status, None, wakes, True)
    assert Merge.objects.get().undone_by == analyst
    merging.merge(one, head, by=analyst)
    assert one.status == Status.MERGED


def test_a_decision_on_the_head_says_nothing_about_the_joined_one(analyst, head):
    path = make_path("Fraud")
    make_prediction(head, make_version())
    one, decided = make_incident(status=Status.CLASSIFIED), make_decided(make_path("Abuse"))
    for report in (one, decided):
        merging.merge(report, head, by=analyst)
    reviewing.claim(head, analyst)
    reviewing.decide(head, reviewer=analyst, verdict="confirm", paths=[path])
    assert not fresh(one).labels.exists() and fresh(one).status == Status.MERGED
    merging.unmerge(decided, by=analyst)
    assert decided.status == Status.DECIDED and decided.current_label.paths.get().key == "Abuse"


def test_what_somebody_else_holds_is_not_joined(analyst, head):
    one, other = make_incident(status=Status.CLASSIFIED), make_user(role="analyst")
    reviewing.claim(one, other)
    with pytest.raises(ClaimLost):
        merging.merge(one, head, by=analyst)
    assert fresh(one).status == Status.IN_REVIEW and not Merge.objects.exists()
    merging.merge(one, head, by=other)
    assert (fresh(one).claimed_by, fresh(one).status) == (None, Status.MERGED)
    merging.unmerge(one, by=analyst)
    assert fresh(one).status in {Status.CLASSIFIED, Status.NEW}


def test_a_held_head_may_get_further_reports(analyst, head):
    reviewing.claim(head, make_user(role="analyst"))
    one = make_incident()
    merging.merge(one, head, by=analyst)
    assert fresh(head).status == Status.IN_REVIEW and one.merged_into == head


def test_chains_are_flat_and_come_back_as_they_were(analyst, head):
    first, second, third = (make_incident(status=Status.CLASSIFIED) for _ in range(3))
    merging.merge(second, first, by=analyst)
    merging.merge(first, head, by=analyst)
    merging.merge(third, second, by=analyst)
    assert {fresh(one).merged_into for one in (first, second, third)} == {head}
    merging.unmerge(first, by=analyst)
    assert fresh(first).status == Status.CLASSIFIED
    assert (fresh(second).merged_into, fresh(third).merged_into) == (first, head)


def test_there_is_no_way_round_in_circles(analyst, head):
    one = make_incident()
    merging.merge(one, head, by=analyst)
    for refused, into in ((head, head), (head, one), (one, make_incident())):
        with pytest.raises(MergeRefused):
            merging.merge(refused, into, by=analyst)
    with pytest.raises(MergeRefused):
        merging.unmerge(head, by=analyst)
    assert Merge.objects.count() == 1


def test_both_steps_stand_in_the_audit_log_of_both_reports(analyst, head):
    one = make_incident()
    merging.merge(one, head, by=analyst)
    merging.unmerge(one, by=analyst)
    kinds = AuditEvent.objects.order_by("pk").values_list("kind", "incident", "actor")
    assert list(kinds) == [
        ("incident.merged", one.pk, analyst.pk),
        ("incident.joined", head.pk, analyst.pk),
        ("incident.unmerged", one.pk, analyst.pk),
        ("incident.left", head.pk, analyst.pk),
    ]


def test_what_a_model_read_meanwhile_comes_back_classified(analyst, head):
    make_path("Fraud")
    one = make_incident()
    merging.merge(one, head, by=analyst)
    make_prediction(one, make_version())
    merging.unmerge(one, by=analyst)
    assert one.status == Status.CLASSIFIED


def test_a_joined_report_is_not_reopened(analyst, head):
    one = make_incident()
    merging.merge(one, head, by=analyst)
    assert not reviewing.reopen(one, analyst)
    assert fresh(one).status == Status.MERGED
