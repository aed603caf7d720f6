import json

import pytest
from django.core.management import CommandError, call_command

from incidents.models import Path, TaxonomyStep
from tests.builders import make_decided, make_path, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def _labels():
    for name in ("Phishing", "Vishing"):
        make_path("Fraud", name)
    make_path("Attack")


def told(capsys, *arguments):
    call_command("taxonomy", *arguments, "--json")
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("_labels")
def test_the_tree_tells_how_much_each_label_is_used(capsys):
    make_decided(Path.objects.get(key="Fraud / Phishing"))
    branches = {one["category"]: one["labels"] for one in told(capsys, "tree")["tree"]}
    assert [(one["key"], one["decided"]) for one in branches["Fraud"]] == [
        ("Fraud / Phishing", 1),
        ("Fraud / Vishing", 0),
    ]
    call_command("taxonomy", "tree")
    assert "  Fraud / Phishing: 1 decided, 0 waiting (live)" in capsys.readouterr().out


@pytest.mark.usefixtures("_labels")
def test_a_dry_run_counts_and_changes_nothing(capsys):
    make_decided(Path.objects.get(key="Fraud / Vishing"))
    counted = told(capsys, "merge", "Fraud / Vishing", "Fraud / Phishing", "--dry-run")["dry_run"]
    assert (counted["decided"], counted["asks_for_training"]) == (1, False)
    assert not TaxonomyStep.objects.exists()
    call_command("taxonomy", "retire", "Fraud / Vishing", "--dry-run")
    assert "it concerns 1 decided reports, 1 of which are to be looked at" in capsys.readouterr().out


@pytest.mark.usefixtures("_labels")
@pytest.mark.parametrize(
    ("arguments", "live"),
    [
        (["rename", "Fraud / Vishing", "Calls"], ["Attack", "Fraud / Calls", "Fraud / Phishing"]),
        (["rename", "Fraud", "Deceit", "--category"], ["Attack", "Deceit / Phishing", "Deceit / Vishing"]),
        (["merge", "Fraud / Vishing", "Fraud / Phishing"], ["Attack", "Fraud / Phishing"]),
        (
            ["split", "Fraud / Vishing", "Bank", "Police"],
            ["Attack", "Fraud / Bank", "Fraud / Phishing", "Fraud / Police"],
        ),
        (["move", "Fraud / Vishing", "--under", "Attack"], ["Attack", "Attack / Vishing", "Fraud / Phishing"]),
        (["retire", "Attack"], ["Fraud / Phishing", "Fraud / Vishing"]),
        (["add", "Worm", "--under", "Attack"], ["Attack", "Attack / Worm", "Fraud / Phishing", "Fraud / Vishing"]),
    ],
    ids=lambda value: value[0] if value[0].islower() else "",
)
def test_every_step_is_taken_told_and_undone(capsys, arguments, live):
    make_user("ada", role="admin")
    step = told(capsys, *arguments, "--by", "ada", "--reason", "Agreed on Monday.")["step"]
    assert (step["kind"], step["by"], step["reason"], step["stands"]) == (
        arguments[0],
        "ada",
        "Agreed on Monday.",
        True,
    )
    assert list(Path.objects.live().order_by("key").values_list("key", flat=True)) == live
    told(capsys, "undo", str(step["number"]), "--by", "ada")
    assert list(Path.objects.live().values_list("key", flat=True)) == ["Attack", "Fraud / Phishing", "Fraud / Vishing"]
    steps = told(capsys, "steps")["steps"]
    assert [(one["kind"], one["stands"]) for one in steps] == [("undo", True), (arguments[0], False)]


@pytest.mark.usefixtures("_labels")
@pytest.mark.parametrize(
    ("arguments", "why", "code"),
    [
        (["merge", "Fraud / Vishing", "Fraud / Vishing", "--by", "ada"], "cannot be merged into itself", 3),
        (["retire", "Attack"], "say with --by who decides this", 2),
        (["retire", "Attack", "--by", "nobody"], "there is no active account 'nobody'", 2),
        (["retire", "Attack", "--by", "lena"], "lena may not change the taxonomy", 3),
    ],
)
def test_what_cannot_be_done_is_said(arguments, why, code):
    make_user("ada", role="admin")
    make_user("lena", role="lead")
    with pytest.raises(CommandError, match=why) as caught:
        call_command("taxonomy", *arguments)
    assert caught.value.returncode == code
    assert not TaxonomyStep.objects.exists()
