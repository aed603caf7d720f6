"""The migration that carries the threshold of an earlier installation over to the cost of a wrong label."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from classifier.services.reliance import reliance_in_force
from incidents import policy
from incidents.models import Setting
from incidents.services.settings import set_policies
from tests.builders import make_user

pytestmark = pytest.mark.django_db


def carry_over():
    import_module("incidents.migrations.0002_error_cost").carry_over(apps, connection.schema_editor())


@pytest.mark.parametrize(("former", "cost"), [(0.8, 5), (0.9, 10), (0.35, 1.538462), (0, 1), (1, 1000), (0.9999, 1000)])
def test_a_threshold_that_an_admin_set_lives_on_as_its_cost(former, cost):
    admin = make_user(role="admin")
    Setting.objects.create(key="unsure_below", value=0.7)
    set_before = Setting.objects.create(key="unsure_below", value=former, set_by=admin)
    carry_over()
    row = Setting.objects.get(key="error_cost")
    assert (row.value, row.set_by, row.created_at) == (cost, admin, set_before.created_at)
    assert reliance_in_force().threshold == pytest.approx(min(former, 0.999), abs=1e-6)
    assert Setting.objects.filter(key="unsure_below").count() == 2


def test_whatever_is_carried_over_can_be_saved_again():
    Setting.objects.create(key="unsure_below", value=1)
    carry_over()
    set_policies({"error_cost": policy.value("error_cost")}, by=make_user(role="admin"))


@pytest.mark.parametrize("former", [[], [0.5], [0.9, 0.5]])
def test_the_default_needs_no_row(former):
    for value in former:
        Setting.objects.create(key="unsure_below", value=value)
    carry_over()
    assert not Setting.objects.filter(key="error_cost").exists()


def test_a_cost_that_was_set_already_stands():
    Setting.objects.create(key="error_cost", value=4.0)
    Setting.objects.create(key="unsure_below", value=0.9)
    carry_over()
    assert policy.value("error_cost") == 4
