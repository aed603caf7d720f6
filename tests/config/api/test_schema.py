"""The API describes itself, whole and without warnings."""

import pytest
from django.core.management import call_command
from django.test import Client

from classifier.api.urls import urlpatterns as classifier_urls
from events.api.urls import urlpatterns as event_urls
from incidents.api.urls import urlpatterns as incident_urls

pytestmark = pytest.mark.django_db


def test_the_schema_is_valid_and_gives_no_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))


def test_the_schema_lists_every_address_of_the_api():
    listed = set(Client().get("/api/schema/", headers={"accept": "application/json"}).json()["paths"])
    patterns = [*incident_urls, *classifier_urls, *event_urls]
    assert {"/api/v1/" + str(one.pattern).replace("<int:pk>", "{id}") for one in patterns} == listed


def test_the_documentation_page_holds_no_inline_script_or_style():
    page = Client().get("/api/docs/").content.decode()
    assert "<style" not in page
    assert "style=" not in page
    assert all("></script>" in line for line in page.splitlines() if "<script" in line)
