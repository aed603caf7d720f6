import pytest
from django.core import mail

from incidents.models import Notice, Watch
from incidents.services import notices, reviewing, undoing
from incidents.services.notice_mail import mail_of
from tests.builders import TEXT, make_incident, make_path, make_user
from tests.incidents.desk import work_off
from workers.models import Job

pytestmark = pytest.mark.django_db
Kind = Notice.Kind


@pytest.fixture
def analyst():
    return make_user(role="analyst")


def decide(incident, analyst):
    assert reviewing.claim(incident, analyst)
    return reviewing.decide(incident, reviewer=analyst, verdict="correct", paths=[make_path("Fraud")])


def told():
    return {(one.user, one.kind) for one in Notice.objects.select_related("user")}


def test_everybody_is_told_once_but_not_the_one_who_did_it(analyst):
    other, gone = make_user(role="analyst"), make_user(role="analyst", is_active=False)
    made = notices.tell([other, analyst, other, gone], Kind.MENTION, incident=make_incident(), by=analyst)
    assert [one.user for one in made] == [other]


def test_the_watchers_and_the_reporter_hear_of_a_decision(analyst):
    reporter, watcher = make_user(), make_user(role="lead")
    incident = make_incident(reporter=reporter)
    for user in (watcher, analyst, make_user()):  # the last may not see the report
        Watch.objects.create(incident=incident, user=user)
    decide(incident, analyst)
    assert told() == set()
    work_off()
    assert told() == {(reporter, "decided"), (watcher, "decided")}


def test_of_a_decision_that_is_undone_before_it_was_told_nobody_hears(analyst):
    incident = make_incident(reporter=make_user())
    decide(incident, analyst)
    undoing.undo(analyst)
    work_off()
    assert told() == set()


def test_an_unsure_verdict_is_no_decision_to_tell_of(analyst):
    incident = make_incident(reporter=make_user())
    assert reviewing.claim(incident, analyst)
    reviewing.decide(incident, reviewer=analyst, verdict="unsure", paths=[])
    assert not Notice.objects.exists()


def test_watchers_are_those_who_still_may_see_the_report(analyst):
    reporter, stranger = make_user(), make_user()
    incident = make_incident(reporter=reporter)
    for user in (analyst, reporter, stranger):
        Watch.objects.create(incident=incident, user=user)
    assert notices.watchers(incident) == [analyst, reporter]


def test_only_who_wants_a_kind_by_mail_gets_it_by_mail(settings, analyst):
    settings.SENDS_MAIL = True
    wants = make_user(role="analyst", email="a@example.org", mail_notices=["mention"])
    other = make_user(role="analyst", email="b@example.org", mail_notices=["decided"])
    nameless = make_user(role="analyst", mail_notices=["mention"])
    incident = make_incident()
    notices.tell([wants, other, nameless], Kind.MENTION, incident=incident, by=analyst)
    assert Job.objects.filter(kind="mail_notice").count() == 1
    work_off()
    (sent,) = mail.outbox
    assert sent.to == ["a@example.org"]
    assert f"#{incident.pk}" in sent.subject
    assert "/notices/" in sent.body and settings.PUBLIC_URL.geturl() in sent.body
    assert TEXT[:20] not in sent.body
    assert Notice.objects.get(user=wants).mailed_at is not None
    Job.objects.update(status="queued", attempts=0)
    work_off()
    assert len(mail.outbox) == 1


def test_no_mail_is_asked_for_where_none_can_be_sent(settings):
    settings.SENDS_MAIL = False
    user = make_user(role="analyst", email="a@example.org", mail_notices=["mention"])
    notices.tell([user], Kind.MENTION, incident=make_incident())
    assert not Job.objects.exists()


def test_a_mail_s_subject_is_one_line(analyst):
    notice = Notice(user=analyst, kind=Kind.TRAINED, subject="a\nBcc: b@example.org", pk=1)
    assert "\n" not in mail_of(notice).subject


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_its_sentence(analyst, kind):
    notice = Notice(user=analyst, by=analyst, kind=kind, incident=make_incident(), subject="training 7")
    assert notice.sentence.strip()
    assert "%" not in notice.sentence


def test_reading_one_leaves_the_others(analyst):
    for _ in range(3):
        notices.tell([analyst], Kind.MENTION, incident=make_incident())
    first = Notice.objects.first()
    assert notices.mark_read(analyst, notice=first.pk) == 1
    assert notices.count_unread(analyst) == 2
    assert notices.mark_read(make_user()) == 0
    assert notices.mark_read(analyst) == 2
