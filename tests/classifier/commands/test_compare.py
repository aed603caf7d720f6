"""`manage.py compare V [--with W] [--measure] [--json]`"""

import pytest

from classifier.services.training import request_training
from classifier.services.versus import versus
from tests.builders import make_version
from tests.classifier.commands.conftest import run
from tests.classifier.services.conftest import decide_reports, run_to_end


@pytest.fixture
def challenger(champion):
    decide_reports(60, start=90)
    return run_to_end(request_training(base_model="none")).version


def test_the_json_is_that_of_the_page_and_the_api(champion, challenger):
    assert run("compare", challenger.name, "--json").json == versus(challenger, champion).to_json()
    other_way = run("compare", champion.name, "--with", challenger.name, "--json").json
    assert (other_way["one"]["name"], other_way["other"]["name"]) == (champion.name, challenger.name)


def test_a_person_reads_sentences(champion, challenger):
    ran = run("compare", challenger.name)
    assert (
        f"On the same {challenger.snapshot.counts['test']} test reports {challenger.name} is exactly right" in ran.out
    )
    assert "Macro-F1" in ran.out
    assert "both:" in ran.out


def test_what_was_not_measured_is_refused_and_measured_on_demand(champion, challenger):
    champion.evaluations.filter(snapshot=challenger.snapshot).delete()
    champion.evaluations.update(outcomes=None)
    ran = run("compare", challenger.name)
    assert (ran.code, champion.name in ran.err, "--measure" in ran.err) == (3, True, True)
    told = run("compare", challenger.name, "--measure", "--json").json
    assert told["reports"] == challenger.snapshot.counts["test"]
    assert told["lack"] is None


def test_a_version_alone_and_an_unknown_one_are_refused(db, home):
    version = make_version()
    assert run("compare", version.name).code == 3
    assert run("compare", "nope").code == 2
    assert run("compare", version.name, "--with", version.name).code == 3


def test_an_artefact_that_is_gone_fails_with_a_sentence(db, home):
    one, other = make_version(), make_version()
    ran = run("compare", one.name, "--with", other.name, "--measure")
    assert ran.code == 1
    assert "no model at" in ran.err
