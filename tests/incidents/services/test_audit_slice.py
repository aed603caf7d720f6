"""What blind decisions say of the model and of people."""

from datetime import timedelta

import pytest
from django.utils import timezone

from classifier.services.priority import Priorities
from incidents.models import Incident, Label, Retraction, Setting
from incidents.services import reviewing, undoing
from incidents.services.audit_slice import ENOUGH, blind_accuracy, following
from incidents.services.filing import FiledReport, file_incident
from incidents.services.filing_many import KnownReport, file_many
from tests.builders import TEXT, make_incident, make_label, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def paths():
    return [make_path("Fraud", "Card"), make_path("Fraud", "Wallet"), make_path("Hacking")]


@pytest.fixture
def analyst():
    return make_user("asha", role="analyst")


def judged(suggested, chosen, *, blind, confidence=0.8, **overrides):
    """A standing first decision: what was suggested, and what was chosen instead."""
    incident = make_incident(blind=blind)
    verdict = Label.Verdict.CONFIRM if suggested == chosen else Label.Verdict.CORRECT
    values = {
        "verdict": verdict,
        "blind": blind,
        "suggested": [suggested.pk],
        "suggested_confidence": confidence,
        "shown_model": "classify-1",
    }
    return make_label(incident, paths=[chosen], **values | overrides)


def test_new_reports_are_drawn_and_known_ones_are_not(paths):
    Setting.objects.create(key="blind_share", value=1.0)
    filed = file_incident(FiledReport("", TEXT), source=Incident.Source.WEB).incident
    known = KnownReport("decided", TEXT + " Again.", path_ids=(paths[0].pk,))
    file_many([KnownReport("open", TEXT + " And again."), known], source=Incident.Source.IMPORT)
    imported = Incident.objects.filter(source=Incident.Source.IMPORT).order_by("pk")
    assert filed.blind
    assert [one.blind for one in imported] == [True, False]


def test_a_blind_report_is_ranked_by_chance():
    priorities = Priorities(anomaly_weight=0.25, random_share=0.0)
    places = {
        priorities.of(7, confidence, anomaly, blind=True) for confidence in (0.1, 0.9) for anomaly in (None, 99.0)
    }
    assert len(places) == 1


def test_its_predicted_category_stands_nowhere_until_it_is_decided(analyst, paths):
    incident = make_incident(blind=True, status=Incident.Status.CLASSIFIED)
    make_prediction(incident, make_version(stage="champion"), [0.7, 0.2, 0.1])
    reviewing.claim(incident, analyst)
    reviewing.decide(incident, reviewer=analyst, verdict="reject", paths=[])
    assert incident.standing_category == "Fraud"
    undoing.undo(analyst)
    incident.refresh_from_db()
    assert (incident.hides_prediction, incident.standing_category) == (True, "")


@pytest.mark.parametrize("blind", [True, False])
def test_a_label_keeps_what_was_suggested_shown_or_hidden(analyst, paths, blind):
    incident = make_incident(blind=blind)
    make_prediction(incident, make_version(stage="champion"), [0.7, 0.2, 0.1])
    reviewing.claim(incident, analyst)
    label = reviewing.decide(incident, reviewer=analyst, verdict="confirm", paths=paths[1:2])
    assert (label.blind, label.suggested, label.suggested_confidence) == (blind, [paths[0].pk], pytest.approx(0.7))
    reviewing.reopen(incident, analyst)
    assert not reviewing.decide(incident, reviewer=analyst, verdict="reject", paths=[]).blind, "it was seen meanwhile"


def test_accuracy_is_read_off_standing_blind_first_decisions(paths):
    card, wallet, hacking = paths
    for _ in range(6):
        judged(card, card, blind=True)
    judged(card, wallet, blind=True)
    judged(card, hacking, blind=True, shown_model="classify-2")
    judged(card, hacking, blind=False)
    judged(card, hacking, blind=True, slot=Label.Slot.SECOND)
    judged(card, hacking, blind=True, confidence=None, shown_model="")
    judged(card, hacking, blind=True, source=Label.Source.IMPORT)
    Retraction.objects.create(label=judged(card, hacking, blind=True))
    make_label(
        make_incident(), paths=[hacking], blind=True, suggested=[card.pk], suggested_confidence=0.5, shown_model="m"
    )
    judged(card, card, blind=True, verdict=Label.Verdict.REJECT)
    found = blind_accuracy()
    assert (found.exact.hits, found.exact.n, found.category.hits, found.rejected) == (6, 8, 7, 1)
    assert [(one.name, one.exact.hits, one.exact.n, one.category.hits) for one in found.versions] == [
        ("classify-1", 6, 7, 7),
        ("classify-2", 0, 1, 0),
    ]


def test_only_the_time_that_is_asked_for_counts(paths):
    now = timezone.now()
    judged(paths[0], paths[0], blind=True, created_at=now - timedelta(days=2))
    assert blind_accuracy(now - timedelta(days=3), now).exact.n == 1
    assert blind_accuracy(now - timedelta(days=1), now).exact.n == 0
    assert blind_accuracy(until=now - timedelta(days=3)).exact.n == 0


def test_following_is_none_while_there_are_too_few(paths):
    for _ in range(ENOUGH - 1):
        judged(paths[0], paths[0], blind=True)
        judged(paths[0], paths[0], blind=False)
    assert (following().pull, following().blind.n) == (None, ENOUGH - 1)


def test_the_pull_is_how_much_more_often_people_agree_when_they_see_it(paths):
    card, wallet, _ = paths
    for number in range(ENOUGH):
        judged(card, card, blind=False)
        judged(card, card if number % 2 else wallet, blind=True)
    for _ in range(5):
        Retraction.objects.create(label=judged(card, wallet, blind=False))
    found = following()
    assert (found.shown.hits, found.shown.n, found.blind.hits) == (ENOUGH, ENOUGH, ENOUGH // 2)
    assert found.pull == pytest.approx(0.5)
    assert found.interval[0] > 0.2


def test_a_queue_in_the_order_of_doubt_is_no_pull_by_itself(paths):
    card, wallet, _ = paths
    for confidence, shares in ((0.95, (20, 20)), (0.3, (40, 4))):
        right = 1 if confidence > 0.9 else 2
        for blind, number in zip((False, True), shares, strict=True):
            for one in range(number):
                judged(card, card if one % right == 0 else wallet, blind=blind, confidence=confidence)
    assert following().pull == pytest.approx(0)


def test_both_take_a_constant_number_of_queries(paths, django_assert_max_num_queries):
    for _ in range(30):
        judged(paths[0], paths[1], blind=True)
        judged(paths[0], paths[1], blind=False)
    with django_assert_max_num_queries(5):
        blind_accuracy()
    with django_assert_max_num_queries(2):
        following()


def drawn(version):
    incident = make_incident(blind=True)
    make_prediction(incident, version, [0.7, 0.2, 0.1])
    return incident


def decided(incident, user, *chosen, verdict="confirm"):
    reviewing.claim(incident, user)
    return reviewing.decide(incident, reviewer=user, verdict=verdict, paths=chosen, reason="so it is")


@pytest.mark.parametrize("anybody", ["the same", "another"])
def test_a_label_after_an_undone_one_is_not_blind(analyst, paths, anybody):
    incident = drawn(make_version(stage="champion"))
    assert decided(incident, analyst, paths[1]).blind
    undoing.undo(analyst)
    again = analyst
    if anybody == "another":
        reviewing.release(incident, analyst)
        again = make_user(role="analyst")
    assert not decided(incident, again, paths[0]).blind
    assert blind_accuracy().exact.n == 0 and following().blind.n == 0


def test_a_label_after_somebody_was_unsure_is_blind(analyst, paths):
    incident = drawn(make_version(stage="champion"))
    assert decided(incident, analyst, verdict="unsure").blind
    assert decided(incident, make_user(role="analyst"), paths[0]).blind
    assert (blind_accuracy().exact.hits, blind_accuracy().exact.n) == (1, 1)
