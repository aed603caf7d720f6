"""How far people agree who label the same report."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Label, SecondOpinion
from incidents.services.agreement import ENOUGH, agreement, times
from incidents.services.dashboard_span import Span
from tests.builders import make_incident, make_label, make_path, make_user

pytestmark = pytest.mark.django_db
State, Verdict = SecondOpinion.State, Label.Verdict


@pytest.fixture
def paths():
    return [make_path("Fraud", "Card"), make_path("Fraud", "Wallet"), make_path("Hacking")]


@pytest.fixture
def asha():
    return make_user("asha", role="analyst")


@pytest.fixture
def ben():
    return make_user("ben", role="analyst")


def both(one, other, ones, others, state=State.AGREED, **of_second):
    """A report that two people labelled; without labels they reject."""
    incident = make_incident()
    labels = [
        make_label(incident, person, said, verdict=Verdict.CONFIRM if said else Verdict.REJECT)
        for person, said in ((one, ones), (other, others))
    ]
    Label.objects.filter(pk=labels[1].pk).update(slot=Label.Slot.SECOND, **of_second)
    return SecondOpinion.objects.create(incident=incident, first=labels[0], second=labels[1], state=state)


def shown():
    return agreement(Span.of_days(7))


def test_the_textbook_case_gives_the_textbooks_kappa(asha, ben, paths):
    yes, no = paths[:1], []
    for ones, others, number in ((yes, yes, 20), (yes, no, 5), (no, yes, 10), (no, no, 15)):
        for place in range(number):
            # Who was first does not matter: here it is now this one and now that one.
            turned = place % 2
            both(*((ben, asha, others, ones) if turned else (asha, ben, ones, others)))
    (pair,) = shown().pairs
    assert (pair.one, pair.other, pair.same.hits, pair.same.n) == ("asha", "ben", 35, 50)
    assert pair.kappa.value == pytest.approx(0.4)


def test_a_set_of_labels_is_one_value_whatever_its_order(asha, ben, paths):
    for _ in range(ENOUGH):
        both(asha, ben, paths[:2], paths[1::-1])
        both(asha, ben, paths[:2], paths[:1])
    assert (shown().same.hits, shown().same.n) == (ENOUGH, 2 * ENOUGH)


def test_too_few_shared_reports_give_no_figure(asha, ben, paths):
    for _ in range(ENOUGH - 1):
        both(asha, ben, paths[:1], paths[1:2])
    found = shown()
    assert (found.pairs[0].kappa, found.alpha, found.same.n) == (None, None, ENOUGH - 1)


def test_alpha_is_over_all_pairs(asha, ben, paths):
    cora = make_user("cora", role="analyst")
    for _ in range(ENOUGH):
        both(asha, ben, paths[:1], paths[:1])
        both(asha, cora, paths[1:2], paths[1:2])
    found = shown()
    assert found.alpha.value == pytest.approx(1)
    assert found.people == ["asha", "ben", "cora"]
    assert found.pair("cora", "asha").same.n == ENOUGH
    assert found.pair("ben", "cora") is None


def test_what_was_withdrawn_is_pending_or_unsure_does_not_count(asha, ben, paths):
    both(asha, ben, paths[:1], paths[:1], state=State.WITHDRAWN)
    both(asha, ben, paths[:1], [], state=State.DISPUTED, verdict=Verdict.UNSURE)
    both(asha, ben, paths[:1], paths[1:], state=State.ADJUDICATED)
    found = shown()
    assert (found.same.n, found.unsure) == (1, 1)


def test_only_opinions_of_the_time_count(asha, ben, paths):
    both(asha, ben, paths[:1], paths[:1], created_at=timezone.now() - timedelta(days=9))
    assert shown().same.n == 0


def test_the_number_of_queries_is_constant(asha, ben, paths, django_assert_max_num_queries):
    for _ in range(20):
        both(asha, ben, paths[:1], paths[1:])
    with django_assert_max_num_queries(4):
        shown()


def test_times_have_quartiles_and_whiskers_without_outliers(asha, ben):
    for seconds in (1, 2, 3, 4, 5, 100):
        make_label(make_incident(), asha, seconds=seconds)
    make_label(make_incident(), ben, seconds=1)
    first, second = times(Span.of_days(7))
    assert (first.person, first.n, first.lower, first.median, first.upper) == ("asha", 6, 2.25, 3.5, 4.75)
    assert (first.low, first.high) == (1, 5)
    assert (second.person, second.n, second.median) == ("ben", 1, None)


def test_imported_labels_have_no_times(asha):
    make_label(make_incident(), asha, seconds=3, source=Label.Source.IMPORT)
    assert times(Span.of_days(7)) == []
