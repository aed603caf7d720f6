"""`manage.py model_at`, `gate`, `impact`, and `promote --force`."""

import pytest

from classifier.models import ModelVersion, Promotion
from classifier.services.classify import classify_batch
from classifier.services.gate import verdict_on
from classifier.services.training import request_training
from incidents.models import Setting
from tests.builders import make_decided, make_incident, make_path, make_user, make_version
from tests.classifier.commands.conftest import run
from tests.classifier.services.conftest import run_to_end
from workers import jobs
from workers.jobs import Limit

pytestmark = pytest.mark.django_db


@pytest.fixture
def challenger(champion: ModelVersion) -> ModelVersion:
    return run_to_end(request_training(base_model="none", force=True)).version


def test_the_model_of_a_date_and_its_word_with_a_replay(champion: ModelVersion) -> None:
    incident = make_incident(title="", text="caller bank code otp")
    jobs.enqueue("classify", incident.pk, queue="inference", priority=0)
    classify_batch(jobs.claim("inference", worker="test", limits={"classify": Limit(batch=64)}))
    told = run("model_at", "2999-01-01", "--incident", incident.pk, "--replay", "--json").json
    assert told["model"] == champion.name
    said = told["incident"]
    assert said["predicted"] == ["Fraud / Vishing"] and said["was_in_charge"]
    assert said["confidence"] == incident.predictions.get().confidence
    assert said["replay"]["same"] and said["replay"]["largest_change"] == 0.0
    assert "no model was in charge" in run("model_at", "1999-01-01").out


def test_what_was_decided_is_told_also_where_nothing_was_predicted(champion: ModelVersion) -> None:
    decided = make_decided(make_path("Fraud", "Vishing"), title="", text="caller bank code otp")
    told = run("model_at", "2999-01-01", "--incident", decided.pk).out
    assert f"Report {decided.pk}: nothing was predicted yet." in told and "Decided: Fraud / Vishing" in told


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["yesterday"], 2, "is no date"),
        (["2026-11-27", "--replay"], 2, "name the report"),
        (["2026-11-27", "--incident", "77"], 2, "no report 77"),
        (["2026-11-27", "--incident", "99999999999999999999999"], 2, "no report"),
        (["2026-11-27", "--line", "x"], 2, "no model line"),
    ],
)
def test_wrong_arguments_end_with_a_sentence(db: None, arguments: list[str], code: int, told: str) -> None:
    ended = run("model_at", *arguments)
    assert (ended.code, told in ended.err) == (code, True), ended


def test_the_gate_says_the_same_as_the_page(challenger: ModelVersion) -> None:
    told = run("gate", challenger.name, "--json").json
    assert told["passed"] is verdict_on(challenger).passed
    assert [(check["name"], check["figure"]) for check in told["checks"]] == [
        (check.name, check.figure) for check in verdict_on(challenger).checks
    ]
    assert "lets it pass" in run("gate", challenger.name).out


def test_what_would_change_is_told_without_a_worker(challenger: ModelVersion) -> None:
    make_incident(title="", text="caller bank code otp")
    told = run("impact", challenger.name, "--json").json
    assert (told["figures"]["reports"], told["changes"]) == (1, [])
    assert "compare the two fairly" in told["note"]


def test_of_what_reads_no_reports_nothing_is_looked_at(champion: ModelVersion) -> None:
    version = make_version(line="detect")
    ended = run("impact", version.name)
    assert ended.code == 2 and f"no model '{version.name}': it is of the line detect" in ended.err
    assert run("impact", ModelVersion.objects.champion().name).code == 3


def test_force_takes_a_reason_and_two_accounts(challenger: ModelVersion, champion: ModelVersion) -> None:
    Setting.objects.create(key="gate_min_reports", value=1000)
    make_user("ada", role="admin")
    make_user("lea", role="lead")
    make_user("ana", role="analyst")
    by = ["promote", challenger.name, "--by", "ada"]
    assert run(*by).code == 3
    assert "takes --approved-by" in run(*by, "--force", "--reason", "x").err
    assert "is of --force" in run(*by, "--approved-by", "lea").err
    assert "second person" in run(*by, "--force", "--reason", "x", "--approved-by", "ada").err
    assert "cannot be the second person" in run(*by, "--force", "--reason", "x", "--approved-by", "ana").err
    assert "Say why" in run(*by, "--force", "--approved-by", "lea").err
    assert ModelVersion.objects.champion() == champion
    told = run(*by, "--force", "--reason", "a court order", "--approved-by", "lea", "--json").json
    assert told == {"model": challenger.name, "replaced": champion.name, "action": "promote", "forced": True}
    assert Promotion.objects.first().approved_by.username == "lea"
