"""What two people disagree on is for a lead: nobody else takes it up, whichever way they come to it."""

import pytest

from incidents.models import Incident, Label, SecondOpinion, Setting
from incidents.services import adjudication, bulk, review_order, reviewing
from incidents.services.bulk import BulkRefused, Wish
from incidents.services.bulk_pages import ASKED_ABOUT, preview
from incidents.services.bulk_pages import DISPUTED as LEFT_TO_LEADS
from incidents.services.reporter_messages import add_facts, say_wrong
from incidents.services.reviewing import ClaimLost
from tests.builders import make_decided, make_incident, make_path, make_prediction, make_user, make_version
from tests.incidents.desk import work_off

pytestmark = pytest.mark.django_db
State, Status = SecondOpinion.State, Incident.Status


@pytest.fixture
def paths():
    return [make_path("Fraud", "Card"), make_path("Fraud", "Wallet")]


@pytest.fixture
def third():
    return make_user("third", role="analyst")


@pytest.fixture
def disputed(paths):
    """Two people decided it in different ways."""
    Setting.objects.create(key="second_opinion_share", value=1.0)
    first, second = make_user("first", role="analyst"), make_user("second", role="analyst")
    report = make_incident()
    make_prediction(report, make_version(stage="champion"), [0.7, 0.3])
    reviewing.claim(report, first)
    reviewing.decide(report, reviewer=first, verdict="confirm", paths=paths[:1])
    assert reviewing.next_report(second) == report
    reviewing.decide(report, reviewer=second, verdict="correct", paths=paths[1:])
    report.refresh_from_db()
    assert (report.status, SecondOpinion.objects.get().state) == (Status.SECOND_LOOK, State.DISPUTED)
    return report


def second_looks():
    return Incident.objects.filter(status=Status.SECOND_LOOK).order_by("pk")


def settled(report, paths):
    adjudication.settle(SecondOpinion.objects.get(), by=make_user(role="lead"), verdict="correct", paths=paths[1:])
    report.refresh_from_db()
    return report.status == Status.DECIDED


def test_the_list_of_second_looks_passes_over_it(disputed, third, paths):
    assert reviewing.next_report(third, second_looks()) is None
    ordinary = make_incident(status=Status.SECOND_LOOK)
    assert review_order.upcoming(third, second_looks()) == [ordinary]
    assert review_order.ahead(third, second_looks(), ordinary.pk) is None
    assert reviewing.next_report(third, second_looks()) == ordinary
    assert settled(disputed, paths)


def test_a_list_that_was_read_before_the_dispute_takes_nothing(disputed, third, monkeypatch):
    monkeypatch.setattr(review_order, "upcoming", lambda *_, **__: [disputed])
    assert reviewing.next_report(third, second_looks()) is None
    assert not reviewing.claim_prepared(third, disputed.pk, disputed.current_text_id)


def test_a_page_from_before_the_dispute_decides_nothing(disputed, third, paths):
    held = {"status": Status.IN_REVIEW, "claimed_by": third, "claimed_from": Status.SECOND_LOOK}
    Incident.objects.filter(pk=disputed.pk).update(**held)
    with pytest.raises(ClaimLost):
        reviewing.decide(disputed, reviewer=third, verdict="confirm", paths=paths[1:])
    assert reviewing.next_report(third) is None
    assert reviewing.release(disputed, third)
    assert settled(disputed, paths)


def test_the_page_of_second_looks_does_not_lead_to_it(disputed, third, client):
    client.force_login(third)
    page = client.get("/review/", {"status": "second_look"})
    assert page.status_code == 200 and "for a second look" not in page.content.decode()


def test_a_run_leaves_it_out_and_says_so(disputed, third, paths):
    shown = preview(second_looks(), Wish("reject"), third)
    assert (shown.decided, list(shown.left_out)) == (0, [(LEFT_TO_LEADS, 1)])
    with pytest.raises(BulkRefused):
        bulk.start(second_looks(), Wish("reject"), by=third)
    assert settled(disputed, paths)


@pytest.mark.parametrize(
    "say", [lambda one: say_wrong(one, reason="No.", by=None), lambda one: add_facts(one, facts="More.", by=None)]
)
def test_a_run_leaves_out_what_its_reporter_spoke_of(third, say):
    report = make_decided(make_path("Fraud"))
    say(report)
    shown = preview(second_looks(), Wish("reject"), third)
    assert (shown.decided, list(shown.left_out)) == (0, [(ASKED_ABOUT, 1)])
    assert not bulk.decidable(second_looks(), third, Wish("reject")).exists()


def test_a_run_stops_at_what_came_between(disputed, third):
    """Both were to be decided when it was started; the chunk comes later."""
    SecondOpinion.objects.update(state=State.WITHDRAWN)
    other = make_incident(status=Status.SECOND_LOOK)
    run = bulk.start(second_looks(), Wish("reject"), by=third)
    SecondOpinion.objects.update(state=State.DISPUTED)
    Incident.objects.filter(pk=other.pk).update(status=Status.IN_REVIEW, claimed_by=third)
    say_wrong(other, reason="No.", by=None)
    work_off()
    run.refresh_from_db()
    assert (run.decided, run.left_out) == (0, 2)
    assert not Label.objects.filter(bulk=run).exists()


def test_a_run_that_is_taken_back_lets_a_second_opinion_wait_again(third, paths):
    Setting.objects.create(key="second_opinion_share", value=1.0)
    report = make_incident()
    reviewing.claim(report, third)
    reviewing.decide(report, reviewer=third, verdict="confirm", paths=paths[:1])
    reviewing.reopen(report, third)
    run = bulk.start(Incident.objects.all(), Wish("reject"), by=third)
    work_off()
    assert SecondOpinion.objects.get().state == State.WITHDRAWN
    run.refresh_from_db()
    bulk.revert(run, by=third)
    work_off()
    assert SecondOpinion.objects.get().state == State.WAITING
    assert reviewing.next_report(make_user(role="analyst")) == report
