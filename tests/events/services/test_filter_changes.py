"""What people do with filters."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from events.models import Filter
from events.services.filter_changes import (
    change_filter,
    condition_digest,
    create_filter,
    delete_filter,
    disable_filter,
    enable_filter,
    move_filter,
)
from events.services.filter_drafts import FilterRefused
from events.services.filter_dry_run import dry_run
from incidents.models import AuditEvent
from incidents.roles import LEAD
from tests.builders import make_user
from tests.events.filter_rows import SIGMA, make_draft, make_filter, make_source

pytestmark = pytest.mark.django_db
LATER = timezone.now() + timedelta(days=7)


@pytest.fixture(autouse=True)
def _no_default_set() -> None:
    Filter.objects.all().delete()


def kinds() -> list[str]:
    return list(Filter.objects.order_by("position", "pk").values_list("name", flat=True))


def test_a_new_filter_is_off_has_an_owner_and_is_audited() -> None:
    lead = make_user(role=LEAD)
    row = create_filter(make_draft(), by=lead)
    assert (row.enabled, row.owner, row.origin, row.reason) == (False, lead, "person", "Noise")
    audited = AuditEvent.objects.get(kind="filter.created")
    assert (audited.actor, audited.subject, audited.detail["filter"]) == (lead, f"filter {row.pk}", row.pk)


def test_suppressions_are_asked_first_rules_before_filters_and_filters_last() -> None:
    lead = make_user(role=LEAD)
    for name, kind in [("f1", "filter"), ("r1", "rule"), ("s1", "suppression"), ("f2", "filter"), ("r2", "rule")]:
        create_filter(make_draft(name=name, kind=kind, expires_at=LATER), by=lead)
    assert kinds() == ["s1", "r1", "r2", "f1", "f2"]


def test_moving_changes_places_with_the_neighbour_and_stops_at_the_ends() -> None:
    lead = make_user(role=LEAD)
    rows = {name: make_filter(name=name, position=5) for name in "abc"}  # equal positions: in the order of creation
    move_filter(rows["c"], -1, by=lead)
    assert kinds() == ["a", "c", "b"]
    move_filter(rows["a"], 1, by=lead)
    assert kinds() == ["c", "a", "b"]
    move_filter(rows["c"], -1, by=lead)
    move_filter(rows["b"], 1, by=lead)
    assert kinds() == ["c", "a", "b"]
    assert AuditEvent.objects.filter(kind="filter.moved").count() == 2


def test_moving_passes_by_what_has_expired() -> None:
    lead = make_user(role=LEAD)
    rows = {name: make_filter(name=name) for name in "abcd"}
    Filter.objects.filter(name__in="bc").update(expires_at=timezone.now() - timedelta(days=1))
    move_filter(rows["d"], -1, by=lead)
    assert kinds() == ["d", "a", "b", "c"]
    move_filter(rows["d"], 1, by=lead)
    assert kinds() == ["a", "d", "b", "c"]
    move_filter(rows["d"], 1, by=lead)
    assert kinds() == ["a", "d", "b", "c"]


def test_a_condition_that_nobody_has_tried_is_not_enabled() -> None:
    lead = make_user(role=LEAD)
    row = create_filter(make_draft(), by=lead)
    with pytest.raises(FilterRefused, match="dry run first"):
        enable_filter(row, by=lead)
    dry_run(row)
    assert enable_filter(row, by=lead).enabled
    assert enable_filter(row, by=lead).enabled
    assert AuditEvent.objects.filter(kind="filter.enabled").count() == 1
    assert not disable_filter(row, by=lead).enabled
    assert enable_filter(row, by=lead).enabled  # the condition is still the one that was tried


@pytest.mark.parametrize("change", ["sigma", "kind", "source"])
def test_a_changed_condition_switches_it_off_until_it_is_tried_again(change: str) -> None:
    lead = make_user(role=LEAD)
    row = create_filter(make_draft(), by=lead)
    dry_run(row)
    row = enable_filter(row, by=lead)
    new: dict[str, Any] = {"sigma": SIGMA.replace("bob", "eve"), "kind": "rule", "source": make_source()}
    row = change_filter(row, make_draft(**{change: new[change]}), by=lead)
    assert not row.enabled
    with pytest.raises(FilterRefused, match="dry run first"):
        enable_filter(row, by=lead)
    assert AuditEvent.objects.get(kind="filter.changed").detail["changed"] == [change]


def test_other_changes_leave_it_in_force() -> None:
    lead = make_user(role=LEAD)
    row = create_filter(make_draft(), by=lead)
    dry_run(row)
    row = enable_filter(row, by=lead)
    row = change_filter(row, make_draft(name="Silent bob", reason="Still noise", expires_at=LATER), by=lead)
    row.refresh_from_db()
    assert (row.enabled, row.name, row.expires_at) == (True, "Silent bob", LATER)


def test_a_change_of_nothing_is_none() -> None:
    lead = make_user(role=LEAD)
    row = create_filter(make_draft(), by=lead)
    before = row.changed_at
    change_filter(row, make_draft(), by=lead)
    row.refresh_from_db()
    assert row.changed_at == before
    assert not AuditEvent.objects.filter(kind="filter.changed").exists()


def test_a_dry_run_of_another_condition_does_not_count() -> None:
    """Somebody changes the condition while the dry run of the old one is running."""
    lead = make_user(role=LEAD)
    row = create_filter(make_draft(), by=lead)
    change_filter(row, make_draft(sigma=SIGMA.replace("bob", "eve")), by=lead)
    dry_run(row)
    row.refresh_from_db()
    assert row.dry_run is None


def test_defaults_are_enabled_without_a_dry_run_as_long_as_they_are_as_shipped() -> None:
    lead = make_user(role=LEAD)
    row = make_filter(origin="default", enabled=False)
    assert enable_filter(row, by=lead).enabled
    changed = change_filter(row, make_draft(sigma=SIGMA.replace("bob", "eve")), by=lead)
    assert (changed.enabled, changed.origin) == (False, "person")


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"sigma": "nonsense"}, "sigma", "YAML mapping"),
    ({"sigma": SIGMA.replace("user.name: bob", "- bob")}, "sigma", "without a field"),
    ({"sigma": SIGMA.replace("caseloop", "caseloop\n  service: nowhere")}, "sigma", "no source named nowhere"),
    ({"sigma": SIGMA.replace("caseloop", "windows")}, "source", "Choose the source"),
    ({"kind": "suppression"}, "expires_at", "ends at some time"),
    ({"expires_at": timezone.now() - timedelta(minutes=1)}, "expires_at", "expired already"),
]


@pytest.mark.parametrize(("overrides", "field", "words"), REFUSED)
def test_what_is_refused_says_why_and_where(overrides: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(FilterRefused, match=words) as refused:
        create_filter(make_draft(**overrides), by=make_user(role=LEAD))
    assert refused.value.field == field
    assert not Filter.objects.exists()


def test_a_rule_may_come_from_another_products_collection() -> None:
    row = create_filter(make_draft(kind="rule", sigma=SIGMA.replace("caseloop", "windows")), by=make_user(role=LEAD))
    assert row.source is None


def test_a_rule_that_names_a_source_is_bound_to_it() -> None:
    lead, web, other = make_user(role=LEAD), make_source("web"), make_source("other")
    sigma = SIGMA.replace("caseloop", "caseloop\n  service: web")
    assert create_filter(make_draft(sigma=sigma), by=lead).source == web
    with pytest.raises(FilterRefused, match="about the source web"):
        create_filter(make_draft(sigma=sigma, source=other), by=lead)


def test_an_expired_one_is_not_enabled() -> None:
    row = make_filter(enabled=False, expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(FilterRefused, match="has expired"):
        enable_filter(row, by=make_user(role=LEAD))


def test_deleting_is_audited_with_a_digest_of_the_condition() -> None:
    lead, row = make_user(role=LEAD), make_filter(hits=7)
    condition = condition_digest(row)
    delete_filter(row, by=lead)
    assert not Filter.objects.exists()
    audited = AuditEvent.objects.get(kind="filter.deleted")
    assert (audited.actor, audited.detail["condition"], audited.detail["hits"]) == (lead, condition, 7)
    assert not {row.name, row.reason} & {audited.subject, *audited.detail.values()}


def test_every_change_is_later_than_the_last_whatever_the_clocks_say() -> None:
    lead = make_user(role=LEAD)
    ahead = make_filter(changed_at=timezone.now() + timedelta(hours=1))
    assert create_filter(make_draft(), by=lead).changed_at > ahead.changed_at
