"""`--line` of train, promote and rollback."""

import pytest

from classifier.models import ModelVersion
from tests.builders import make_user
from tests.classifier.commands.conftest import run
from tests.classifier.lines import SSHD, make_detector
from tests.events.services.threats import add_examples

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


def test_the_detection_model_is_trained_here_and_now():
    add_examples()
    told = run("train", "--line", "detect", "--base-model", "none", "--json").json
    assert (told["line"], told["model"], told["promoted"]) == ("detect", "detect-v1", True)
    assert told["figures"]["served"]["category"]["accuracy"] > 0.9
    again = run("train", "--line", "detect", "--base-model", "none")
    assert (again.code, "Nothing changed since detect-v1" in again.err) == (3, True)
    told = run("train", "--line", "detect", "--base-model", "none", "--force")
    assert "detect-v2" in told.out and "examples" in told.err and "sub_category" not in told.out


def test_a_line_without_examples_is_refused_and_one_of_detectors_is_no_choice():
    ran = run("train", "--line", "detect", "--base-model", "none")
    assert (ran.code, "There are 0 examples" in ran.err) == (3, True)
    assert run("train", "--line", SSHD).code != 0


def test_versions_are_promoted_and_rolled_back_on_the_line_that_is_named():
    make_user("chief", role="admin")
    for name in ("sshd-v1", "sshd-v2"):
        make_detector(name)
        assert run("promote", name, "--line", SSHD, "--by", "chief", "--json").json["model"] == name
    told = run("rollback", "--line", SSHD, "--by", "chief", "--json").json
    assert told == {"model": "sshd-v1", "replaced": "sshd-v2"}
    assert ModelVersion.objects.champion(SSHD).name == "sshd-v1"


def test_without_a_line_only_versions_that_sort_reports_are_known():
    make_user("chief", role="admin")
    make_detector("sshd-v1")
    ran = run("promote", "sshd-v1", "--by", "chief")
    assert (ran.code, "there is no model 'sshd-v1'" in ran.err) == (2, True)
    ran = run("promote", "sshd-v9", "--line", SSHD, "--by", "chief")
    assert "on the line anomaly:sshd. There are: sshd-v1" in ran.err


def test_an_unknown_line_is_a_usage_error():
    make_user("chief", role="admin")
    ran = run("rollback", "--line", "anomaly:nope", "--by", "chief")
    assert (ran.code, "there is no model line 'anomaly:nope'" in ran.err) == (2, True)
