"""Offers of reports that look alike, what is learned from the answers, and what unsaved texts are told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from classifier.services import vectors
from incidents.models import AlikeAnswer, Incident, TextRevision
from incidents.services import alike, alike_memory, merging
from tests.builders import make_decided, make_incident, make_path, make_user, make_version
from tests.classifier.services.test_similar import ENCODER, embed

pytestmark = pytest.mark.django_db
CALL = "Somebody called as the Himgiri bank and asked for the one-time code, then 5,000 rupees were gone at once."
AGAIN = "Somebody called as Himgiri bank, asked the one-time code, and then 7,000 rupees were gone at once."
OTHER = "The laptop of our accountant shows a window that says all files are locked until bitcoin is paid."


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(vectors, "_kept", {})
    monkeypatch.setattr(alike_memory, "_fill_beside", lambda: None)
    alike_memory.forget()
    yield
    alike_memory.forget()


@pytest.fixture
def analyst():
    return make_user("asha", role="analyst")


@pytest.fixture
def pair():
    """A report and one that is filed later and all but the same to the encoder."""
    make_version(stage="champion", encoder_hash=ENCODER)
    first = embed(make_incident(text=CALL, status="classified"), 1, 0)
    return first, embed(make_incident(text=AGAIN, status="classified"), 1, 0.02)


def test_an_open_report_that_looks_alike_is_offered_with_the_words_both_have(analyst, pair):
    first, second = pair
    found = alike.offer(second, analyst)
    assert found.other == first and found.similarity > 0.95
    assert "himgiri" in found.words and "then" not in found.words


def test_what_is_closed_joined_or_not_alike_is_not_offered(analyst, pair):
    first, second = pair
    embed(make_decided(make_path("Fraud")), 1, 0.02)
    embed(make_incident(), 0, 1)
    Incident.objects.filter(pk=first.pk).update(status="rejected")
    assert alike.offer(second, analyst) is None
    Incident.objects.filter(pk=first.pk).update(status="classified")
    merging.merge(first, make_incident(), by=analyst)
    assert alike.offer(second, analyst) is None and alike.offer(first, analyst) is None


def test_no_is_remembered_from_both_sides(analyst, pair):
    first, second = pair
    alike.keep_apart(second, first, by=analyst)
    assert alike.offer(second, analyst) is None and alike.offer(first, analyst) is None
    answer = AlikeAnswer.objects.get()
    assert (answer.incident, answer.other, answer.alike, answer.by) == (second, first, False, analyst)


def test_yes_joins_and_is_an_answer_in_each_space(analyst, pair):
    first, second = pair
    alike_memory.fill()
    alike.join(second, first, by=analyst)
    assert second.status == Incident.Status.MERGED and second.merges.get().similarity > 0.95
    assert dict(AlikeAnswer.objects.values_list("space", "alike")) == {"encoder": True, "words": True}
    alike.part(second, by=analyst)
    assert second.status == "classified"
    assert list(AlikeAnswer.objects.order_by("pk").values_list("alike", flat=True)) == [True, True, False, False]
    assert alike.offer(second, analyst) is None


def test_the_threshold_is_learned_from_the_last_answer_on_each_pair(analyst):
    head = make_incident()
    for number in range(40):
        one, said, value = make_incident(), number % 2 == 0, 0.8 if number % 2 == 0 else 0.5
        for alike_said in (not said, said):  # they changed their mind
            AlikeAnswer.objects.create(incident=one, other=head, space="words", similarity=value, alike=alike_said)
    assert alike.threshold("words") == pytest.approx(0.65)
    assert alike.threshold("encoder") == alike.START["encoder"]


def test_a_reporter_learns_only_that_something_alike_is_known(analyst):
    make_incident(text=CALL)
    alike_memory.fill()
    for person in (None, make_user()):
        assert alike.known("", AGAIN, person) == alike.Known(ready=True, alike=True, report=None)
    assert alike.known("", OTHER, None) == alike.Known(ready=True, alike=False)


def test_an_analyst_who_files_gets_the_report(analyst):
    one = make_incident(text=CALL)
    alike_memory.fill()
    assert alike.known("", AGAIN, analyst).report == one


def test_a_few_words_say_nothing():
    make_incident(text="stolen")
    assert alike.known("", "stolen", None) == alike.Known(ready=True)


def test_until_memory_is_filled_nothing_is_said_and_nothing_waits():
    make_incident(text=CALL)
    assert not alike.known("", AGAIN, None).ready


def test_new_reports_are_known_at_once_and_closed_ones_no_more(monkeypatch):
    alike_memory.fill()
    assert not alike.known("", AGAIN, None).alike
    one = make_incident(text=CALL)
    assert alike.known("", AGAIN, None).alike
    Incident.objects.filter(pk=one.pk).update(status="decided")
    assert not alike.known("", AGAIN, None).alike


def test_once_a_minute_memory_follows_what_is_closed_reworded_and_opened_again(monkeypatch):
    monkeypatch.setattr(alike_memory, "CHECK_SECONDS", 0.0)
    closed, reworded, opened = make_incident(text=CALL), make_incident(text=CALL), make_decided(make_path("Fraud"))
    alike_memory.fill()
    Incident.objects.filter(pk=closed.pk).update(status="rejected")
    Incident.objects.filter(pk=opened.pk).update(status="classified")
    reworded.current_text = TextRevision.objects.create(incident=reworded, number=2, text=OTHER, text_hash="x")
    reworded.save()
    found = dict(alike_memory.nearest_open(OTHER, 9))
    assert set(found) == {reworded.pk, opened.pk} and found[reworded.pk] > 0.9


def test_memory_keeps_the_newest_of_the_last_days(monkeypatch):
    monkeypatch.setattr(alike_memory, "MOST", 3)
    make_incident(text=CALL, created_at=timezone.now() - timedelta(days=alike_memory.DAYS + 1))
    reports = [make_incident(text=f"{CALL} {number}") for number in range(4)]
    alike_memory.fill()
    assert {number for number, _ in alike_memory.nearest_open(CALL, 9)} == {one.pk for one in reports[1:]}
    later = make_incident(text=CALL)
    assert {number for number, _ in alike_memory.nearest_open(CALL, 9)} == {reports[2].pk, reports[3].pk, later.pk}


@pytest.mark.django_db(transaction=True)
def test_the_first_question_has_memory_filled_beside_it(monkeypatch):
    import time

    monkeypatch.undo()
    make_incident(text=CALL)
    assert not alike.known("", AGAIN, None).ready
    deadline = time.monotonic() + 20
    while not alike_memory.is_filled() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert alike.known("", AGAIN, None).alike


def test_a_filed_report_is_compared_with_the_others_only(analyst):
    one = make_incident(text=CALL)
    assert not alike.known_besides(one)
    twin = make_incident(text=CALL)
    assert alike.known_besides(one) and alike.known_besides(twin)
    reworded = make_incident(text=AGAIN)
    assert not alike.known_besides(reworded)
    alike_memory.fill()
    assert alike.known_besides(reworded)
    Incident.objects.filter(pk=one.pk).update(status="decided")
    one.refresh_from_db()
    assert not alike.known_besides(one)
