"""/api/v1/imports/"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from incidents.models import ImportBatch
from tests.builders import make_api_client, make_user
from tests.incidents.desk import work_off

pytestmark = pytest.mark.django_db
URL = "/api/v1/imports/"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def send(client, content=b"text,category\none,Fraud\ntwo,\n,Fraud\n", **fields):
    return client.post(URL, {"file": SimpleUploadedFile("reports.csv", content)} | fields, format="multipart")


def test_a_file_is_accepted_worked_on_and_told():
    admin = make_user(role="admin")
    client = make_api_client(admin)
    answer = send(client, create_labels="true", label_names=["A or B", "C or D"])
    assert answer.status_code == 202
    told = answer.json()
    assert (told["status"], told["figures"], told["by"]) == ("queued", None, admin.username)
    assert ImportBatch.objects.get().options["label_names"] == ["A or B", "C or D"]
    work_off()
    done = client.get(f"{URL}{told['id']}/").json()
    assert (done["status"], done["reports"], done["origin"], done["trouble"]) == ("done", 2, "api", "")
    figures = done["figures"]
    assert [figures[name] for name in ("rows", "taken", "refused", "decided", "undecided")] == [3, 2, 1, 1, 1]
    assert figures["labels_created"] == {"categories": 1, "sub_categories": 0, "paths": 1}
    assert figures["refusals"][0]["line"] == 4
    assert client.get(URL).json()["results"] == [done]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"name\nann\n", "none of its 1 columns is the text"), (b"\xff\xfea\x00", "UTF-16")],
)
def test_a_file_that_cannot_be_imported_is_400_with_its_reason(content, words):
    answer = send(make_api_client(make_user(role="admin")), content)
    assert answer.status_code == 400 and words in answer.json()["fields"]["file"][0]
    assert not ImportBatch.objects.exists()


def test_a_misspelt_field_is_refused():
    answer = send(make_api_client(make_user(role="admin")), create_label="true")
    assert answer.status_code == 400 and "create_label" in answer.json()["fields"]


def test_no_other_body_is_taken():
    answer = make_api_client(make_user(role="admin")).post(URL, {"file": "x"}, format="json")
    assert answer.status_code == 415


@pytest.mark.parametrize("role", ["reporter", "analyst", "lead"])
def test_others_neither_import_nor_look(role):
    client = make_api_client(make_user(role=role))
    run = ImportBatch.objects.create(name="a.csv")
    assert send(client).status_code == client.get(URL).status_code == client.get(f"{URL}{run.pk}/").status_code == 403


def test_a_token_needs_the_scope_and_a_stranger_a_token():
    client = make_api_client(make_user(role="admin"), "incidents:file", "models:manage")
    assert send(client).status_code == client.get(URL).status_code == 403
    assert send(APIClient()).status_code == 401
    assert make_api_client(make_user(role="admin")).get(f"{URL}9/").status_code == 404
