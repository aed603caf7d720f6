"""Personal data of a report: masked for everybody but its reporter, and shown with a row in the log."""

from datetime import timedelta

import pytest

from incidents.models import Attachment, AuditEvent, Comment, Incident, PassingReason
from incidents.services import revealing
from incidents.services.audit import record
from incidents.services.changes import changes
from incidents.services.filing import FiledReport, file_incident
from incidents.services.filing_many import KnownReport, file_many
from incidents.services.history import Happened, history
from incidents.services.incident_page import incident_page
from incidents.services.reporter_messages import add_facts
from incidents.services.search import ids_of
from incidents.texts import text_start, training_text
from tests.builders import make_incident, make_label, make_user

pytestmark = pytest.mark.django_db
TEXT = "Write to asha@mail.example, she paid with 4111 1111 1111 1111."
MASKED = "Write to [EMAIL], she paid with [CARD]."


def filed(**more) -> Incident:
    return file_incident(FiledReport("From asha@mail.example", TEXT, **more), source=Incident.Source.WEB).incident


def test_imported_reports_are_masked_at_once() -> None:
    file_many([KnownReport("k1", TEXT)], source=Incident.Source.IMPORT)
    assert Incident.objects.select_related("current_text").get().text == MASKED


def test_a_report_gives_its_words_masked_unless_it_is_disclosed() -> None:
    incident = filed(contact="Asha, 98765 43210")
    assert (incident.title, incident.text, incident.told_contact) == ("From [EMAIL]", MASKED, "[CONTACT]")
    incident.disclosed = True
    assert (incident.text, incident.told_contact) == (TEXT, "Asha, 98765 43210")


def test_a_model_reads_masked_words_and_knows_where_the_text_begins() -> None:
    read = training_text("From asha@mail.example", TEXT)
    assert read == f"From [EMAIL]\n{MASKED}"
    assert read[text_start("From asha@mail.example", TEXT) :] == MASKED
    assert training_text("From [EMAIL]", MASKED) == read


def test_history_and_changes_are_masked_like_the_text() -> None:
    incident, analyst = filed(), make_user(role="analyst")
    Comment.objects.create(incident=incident, author=analyst, text="I wrote to asha@mail.example")
    add_facts(incident, facts="She is at 203.0.113.7", by=None)
    incident.refresh_from_db()
    page = incident_page(incident, analyst)
    said = [entry.detail for entry in page.timeline] + [change.after for change in page.changes]
    assert any("[EMAIL]" in words for words in said) and any("[IP]" in words for words in said)
    assert not any("asha" in words or "203.0" in words for words in said)
    incident.disclosed = True
    told = [entry.detail for entry in history(incident, Happened([], page.comments, [], [], []))]
    assert any("asha@mail.example" in words for words in told)
    assert any("203.0.113.7" in change.after for change in changes(incident, [], []))


def test_it_is_found_by_an_address_that_is_shown_masked() -> None:
    incident = filed()
    assert ids_of("asha@mail.example") == [incident.pk]


def test_showing_it_notes_who_of_which_report_and_which_kinds() -> None:
    incident, analyst, session = filed(contact="Asha"), make_user(role="analyst"), {}
    revealing.reveal_for_a_while(incident, session, by=analyst)
    event = AuditEvent.objects.get(kind=revealing.REVEALED)
    assert (event.actor, event.incident) == (analyst, incident)
    assert event.detail == {"kinds": ["email", "card", "contact"]}
    masking = revealing.disclose(incident, session, analyst)
    assert masking.until and incident.text == TEXT


def test_it_is_shown_for_this_report_and_this_session_until_the_time_is_over(monkeypatch) -> None:
    incident, other, analyst, session = filed(), make_incident(text=TEXT), make_user(role="analyst"), {}
    revealing.reveal_for_a_while(incident, session, by=analyst)
    for report, of_session in ((other, session), (incident, {})):
        assert revealing.disclose(report, of_session, analyst).until is None and report.text == MASKED
    later = revealing.timezone.now() + revealing.FOR + timedelta(seconds=1)
    monkeypatch.setattr(revealing.timezone, "now", lambda: later)
    assert revealing.disclose(incident, session, analyst).until is None and incident.text == MASKED


def test_it_can_be_hidden_earlier_and_ends_with_the_role() -> None:
    incident, analyst, session = filed(), make_user(role="analyst"), {}
    revealing.reveal_for_a_while(incident, session, by=analyst)
    assert revealing.disclose(incident, session, make_user(role="reporter")).until is None
    revealing.conceal(incident, session)
    assert revealing.disclose(incident, session, analyst).until is None


def test_who_filed_it_reads_their_own_words() -> None:
    reporter = make_user()
    incident = file_incident(FiledReport("", TEXT), source=Incident.Source.WEB, reporter=reporter).incident
    (seen,) = revealing.own_disclosed([incident], reporter)
    assert seen.text == TEXT
    assert revealing.disclose(incident, {}, reporter).names == []


def test_the_kinds_in_reasons_document_and_names_of_files_are_told_too() -> None:
    incident, analyst = make_incident(document="of asha@mail.example"), make_user(role="analyst")
    assert revealing.kinds_in(incident) == ["email"]
    make_label(incident, reviewer=analyst, verdict="unsure", reason="she is at 203.0.113.7")
    event = record("incident.skipped", incident=incident)
    PassingReason.objects.create(incident=incident, event=event, text="she paid with 4111 1111 1111 1111")
    Attachment.objects.create(incident=incident, name="call +49 30 1234567.txt", size=1)
    assert revealing.kinds_in(incident) == ["email", "ip", "card", "phone"]
