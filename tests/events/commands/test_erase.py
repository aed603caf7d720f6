"""`manage.py erase`"""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from incidents.models import Erasure, Incident
from incidents.services.legal_holds import hold_report
from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("erase", *arguments, stdout=out)
    return out.getvalue()


def test_without_yes_it_only_tells() -> None:
    incident = make_incident()
    told = run("--report", str(incident.pk))
    assert "would erase 1 reports" in told and "Add --yes" in told
    assert not Erasure.objects.exists()


def test_with_yes_the_report_is_gone_from_all_lists() -> None:
    incident, admin = make_incident(), make_user(role="admin")
    assert "Erasure" in run("--report", str(incident.pk), "--yes", "--by", admin.username, "--reason", "Asked for")
    incident.refresh_from_db()
    assert (incident.status, Erasure.objects.get().by) == ("erased", admin)


def test_a_reporter_goes_with_all_that_they_filed() -> None:
    reporter = make_user("jane", email="jane@example.org")
    for _ in range(2):
        make_incident(reporter=reporter)
    run("--reporter", "jane@example.org", "--yes")
    assert Incident.objects.filter(status="erased").count() == 2
    assert Erasure.objects.get().account == reporter


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--report", "99"), 3, "no report #99"),
        (("--reporter", "nobody", "--yes"), 3, "Nobody of this name"),
        (("--reporter", "jane", "--yes", "--by", "nobody"), 2, "no account nobody"),
    ],
)
def test_what_cannot_be_is_said_with_its_code(arguments: tuple[str, ...], code: int, words: str) -> None:
    make_user("jane")
    with pytest.raises(CommandError, match=words) as refused:
        run(*arguments)
    assert refused.value.returncode == code


def test_what_is_held_is_refused() -> None:
    incident = make_incident()
    hold_report(incident, reason="A court", by=make_user(role="lead"))
    with pytest.raises(CommandError, match="legal hold"):
        run("--report", str(incident.pk), "--yes")


def test_one_of_the_two_has_to_be_named() -> None:
    with pytest.raises(CommandError, match="required"):
        run("--yes")


def test_scripts_get_one_line_of_json(capfd: pytest.CaptureFixture[str]) -> None:
    call_command("erase", "--report", str(make_incident().pk), "--json")
    told = json.loads(capfd.readouterr().out)
    assert (told["reports"], told["account"], told["obstacle"]) == (1, False, "")
