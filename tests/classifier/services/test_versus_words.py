"""A comparison in plain sentences."""

import pytest

from classifier.ml.paired import GAIN, LOSS, SAME, UNDECIDED
from classifier.services.versus import Lack, versus
from classifier.services.versus_words import counted, judged, lacking, macro_judged, size
from tests.builders import make_evaluation, make_incident, make_outcomes, make_path, make_version

pytestmark = pytest.mark.django_db


def compared(gained, lost, alike=20):
    """Two versions of which the first is right in `gained` more and the other in `lost`."""
    fraud, attack = make_path("Fraud", "Cards"), make_path("Attack", "Virus")
    n = gained + lost + alike
    reports = [make_incident(text=f"Report {number}") for number in range(n)]
    truths = [(fraud, attack)[number % 2] for number in range(n)]
    wrong = [(attack, fraud)[number % 2] for number in range(n)]
    one, other = make_version(name="v5"), make_version(name="v4")
    mine = [wrong[i] if gained <= i < gained + lost else truths[i] for i in range(n)]
    theirs = [wrong[i] if i < gained else truths[i] for i in range(n)]
    for version, said in ((one, mine), (other, theirs)):
        make_evaluation(version, snapshot=one.snapshot, outcomes=make_outcomes(reports, truths, said))
    found = versus(one, other)
    return found, found.views[2]


def test_a_real_gain_says_so_with_its_counts():
    found, view = compared(12, 1)
    assert view.verdict == GAIN
    told = f"{judged(found, view)} {counted(found, view)} {macro_judged(found, view.macro_f1)}"
    assert "v5 is really better" in told and "(p = 0.003)" in told and "in 3 of 1,000" in told
    assert "On the same 33 test reports" in told
    assert "v5 is right in 12 that v4 has wrong, and wrong in 1 that v4 has right." in told
    assert "a real gain." in told


def test_a_real_loss_says_so():
    found, view = compared(0, 15)
    assert view.verdict == LOSS
    assert judged(found, view).startswith("v5 is really worse")
    assert "p < 0.001" in judged(found, view)
    assert macro_judged(found, view.macro_f1).endswith("a real loss.")


def test_what_may_be_chance_is_not_called_a_gain():
    found, view = compared(12, 5)
    assert view.verdict == UNDECIDED
    assert judged(found, view) == (
        "By how many reports they have right they cannot be told apart: equally good models would differ by at least "
        "as much in 14 of 100 such tests (p = 0.14)."
    )
    assert macro_judged(found, view.macro_f1).endswith("so it can go either way.")


def test_no_difference_at_all_is_said_plainly():
    found, view = compared(0, 0)
    assert view.verdict == SAME
    assert judged(found, view) == "Both have the same reports right."
    assert "right in" not in counted(found, view).split(".")[-1]
    assert macro_judged(found, view.macro_f1).endswith("in both.")


@pytest.mark.parametrize(
    ("reason", "words"),
    [("not_measured", "v4"), ("not_kept", "kept no word"), ("no_reports", "Train on more decided reports")],
)
def test_a_lack_names_the_version_and_what_helps(reason, words):
    assert words in lacking(Lack(reason, ["v4"], "abc", 200))


@pytest.mark.parametrize(
    ("count", "told"),
    [(None, "–"), (0, "0\u00a0B"), (999, "999\u00a0B"), (7_340_032, "7.3\u00a0MB"), (2_950_000_000, "2.95\u00a0GB")],
)
def test_sizes_are_short(count, told):
    assert size(count) == told
