"""Pages of imports: form, progress, figures, refused lines."""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from incidents.models import ImportBatch, Incident
from incidents.roles import ADMIN, ANALYST, LEAD, REPORTER
from incidents.services.import_runs import IMPORT, job_of
from tests.builders import make_api_client, make_incident, make_user
from tests.incidents.desk import work_off
from workers.models import Job

pytestmark = pytest.mark.django_db
ROWS = "text,category,sub_category\none,Fraud,UPI\ntwo,,\ntwo,,\n,Fraud,\n"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def admin(client):
    user = make_user(role=ADMIN)
    client.force_login(user)
    return user


def send(client, content=ROWS, **fields):
    file = SimpleUploadedFile("reports.csv", content if isinstance(content, bytes) else content.encode())
    return client.post(reverse("import-new"), {"file": file} | fields)


def page_of(client, run):
    return client.get(reverse("import-run", args=[run.pk])).content.decode()


def imported(client, content=ROWS, **fields):
    assert send(client, content, **fields).status_code == 302
    work_off()
    return ImportBatch.objects.get()


@pytest.mark.parametrize("role", [REPORTER, ANALYST, LEAD])
def test_only_admins_import(client, role):
    run = ImportBatch.objects.create(name="a.csv", status="queued", origin="page")
    client.force_login(make_user(role=role))
    for name in ("import-run", "import-state", "import-refused"):
        assert client.get(reverse(name, args=[run.pk])).status_code == 403
    assert client.get(reverse("imports")).status_code == 403
    assert send(client).status_code == 403
    assert client.post(reverse("import-cancel", args=[run.pk])).status_code == 403
    assert ImportBatch.objects.count() == 1
    assert reverse("imports") not in client.get("/").content.decode()


def test_strangers_sign_in_first(client):
    assert client.get("/imports/").headers["Location"] == "/accounts/login/?next=/imports/"


def test_the_empty_list_says_what_to_do_and_an_admin_finds_it(client, admin):
    page = client.get(reverse("imports")).content.decode()
    assert "Nothing was imported yet" in page and reverse("import-new") in page
    for name in ("home", "settings", "queue"):
        assert "/imports/" in client.get(reverse(name)).content.decode()


def test_a_file_is_sent_waits_and_is_told_with_its_figures_and_what_comes_next(client, admin):
    answer = send(client, create_labels="on", label_names="A or B\n\nC or D\n", group_column="")
    run = ImportBatch.objects.get()
    assert answer.headers["Location"] == reverse("import-run", args=[run.pk])
    assert run.options["label_names"] == ["A or B", "C or D"] and run.options["create_labels"] is True
    waiting = page_of(client, run)
    assert "as soon as a worker of the desk is free" in waiting and reverse("import-state", args=[run.pk]) in waiting
    work_off()
    page = page_of(client, run)
    assert "hx-get" not in page.partition('id="import-state"')[2].partition(">")[0]
    assert reverse("train") in page and reverse("queue") + "?source=import" in page
    assert "reports.csv" in client.get(reverse("imports")).content.decode()


def test_figures_of_the_page_are_those_of_the_api(client, admin):
    run = imported(client, create_labels="on")
    page = page_of(client, run)
    shown = {name: int(figure) for name, figure in re.findall(r'data-figure="(\w+)">(\d+)<', page)}
    told = make_api_client(admin).get(reverse("api-import", args=[run.pk])).json()["figures"]
    assert len(shown) == 8
    assert shown == {name: told[name] for name in shown}
    assert (shown["rows"], shown["taken"], shown["merged"], shown["refused"]) == (4, 2, 1, 1)


def test_every_refused_line_is_downloaded_and_none_is_a_formula(client, admin):
    rows = "text,category\n" + "".join(f"report {n},Lacking {n}\n" for n in range(30))
    run = imported(client, rows)
    page = page_of(client, run)
    assert "Every row was refused" in page and "and 10 more lines" in page and "tick that the import adds them" in page
    answer = client.get(reverse("import-refused", args=[run.pk]))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert (len(lines), lines[0]) == (31, "line,reason")
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in lines for cell in line.split(",", 1))


def test_lines_that_are_refused_for_one_reason_stand_together(client, admin):
    run = imported(client, "text,category\none,Lacking\n,Lacking\ntwo,Lacking\nthree,\n")
    assert re.findall(r'<td class="figure">([\d, ]+)</td>', page_of(client, run)) == ["2, 4", "3"]


def test_there_is_no_download_without_refused_lines(client, admin):
    run = imported(client, "text\none\n")
    assert client.get(reverse("import-refused", args=[run.pk])).status_code == 404
    assert reverse("import-refused", args=[run.pk]) not in page_of(client, run)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"name,city\nann,here\n", "none of its 2 columns is the text"),
        ("text\none\n".encode("utf-16"), "it is UTF-16"),
    ],
)
def test_a_file_that_cannot_be_imported_is_a_form_error(client, admin, content, words):
    answer = send(client, content)
    assert answer.status_code == 200 and words in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_form_without_a_file_says_so(client, admin):
    answer = client.post(reverse("import-new"), {"label_names": "x" * 300})
    page = answer.content.decode()
    assert "This field is required" in page and "of at most 200 characters" in page and "at most 200 MB" in page


def test_a_huge_file_is_refused_before_it_is_read_and_the_limit_is_named(client, admin):
    for address in (reverse("import-new"), reverse("api-imports")):
        body = BytesIO(b"--x")
        sent = {"wsgi.input": body, "CONTENT_TYPE": "multipart/form-data; boundary=x"}
        answer = client.post(address, **sent, CONTENT_LENGTH=str(300 * 1024 * 1024))
        assert answer.status_code == 413 and "200 MB" in answer.content.decode()
        assert body.tell() == 0


def test_a_file_larger_than_attachments_may_be_comes_from_admins_alone(client, admin):
    size = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(150 * 1024 * 1024)}
    assert client.post(reverse("import-new"), **size, **{"wsgi.input": BytesIO(b"--x")}).status_code != 413
    other = Client()
    other.force_login(make_user(role=ANALYST))
    assert other.post(reverse("import-new"), **size, **{"wsgi.input": BytesIO(b"--x")}).status_code == 413
    assert other.post(reverse("api-imports"), **size, **{"wsgi.input": BytesIO(b"--x")}).status_code == 413


def test_progress_is_a_part_that_asks_again_until_the_run_is_over(client, admin):
    send(client)
    run = ImportBatch.objects.get()
    ImportBatch.objects.update(status="running")
    Job.objects.filter(kind=IMPORT).update(progress={"stage": "filing", "done": 1500, "of": 4000})
    part = client.get(reverse("import-state", args=[run.pk]))
    assert part.status_code == 200 and "1,500 of 4,000 reports" in part.content.decode()
    ImportBatch.objects.update(status="queued")
    work_off()
    over = client.get(reverse("import-state", args=[run.pk]))
    assert (over.status_code, over.headers["HX-Refresh"]) == (286, "true")


def test_a_failed_attempt_and_a_failed_run_say_why(client, admin):
    send(client)
    run = ImportBatch.objects.get()
    Job.objects.filter(kind=IMPORT).update(error="OperationalError in store.py")
    assert "it is tried again: OperationalError" in page_of(client, run)
    Job.objects.filter(kind=IMPORT).update(status="failed")
    ImportBatch.objects.update(status="failed", trouble="reports.csv: it is broken.")
    page = page_of(client, run)
    assert "it is broken" in page and "Put right what it says above" in page


def test_a_run_is_stopped_by_a_button(client, admin):
    send(client)
    run = ImportBatch.objects.get()
    page = client.post(reverse("import-cancel", args=[run.pk]), follow=True).content.decode()
    assert "The import stops" in page and "the same file again brings the rest" in page
    assert job_of(run).status == "cancelled"
    again = client.post(reverse("import-cancel", args=[run.pk]), follow=True).content.decode()
    assert "was over already" in again


def test_imports_of_the_command_line_and_of_before_figures_are_told_too(client, admin):
    old = ImportBatch.objects.create(name="old.csv")
    Incident.objects.filter(pk=make_incident(source="import").pk).update(import_batch=old)
    at_work = ImportBatch.objects.create(name="now.csv", status="running")
    assert "1 report of this import is there" in page_of(client, old)
    assert "The command line is at it, or was stopped" in page_of(client, at_work)
    listed = client.get(reverse("imports")).content.decode()
    assert "old.csv" in listed and "Command line" in listed
