import hashlib
import hmac
import json
import ssl
import subprocess
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import transaction
from django.utils import timezone

from classifier.models import Promotion
from classifier.services.asking import request_telling
from classifier.services.life_cycle import _end
from classifier.services.promotion import promote
from config.env import WebhookHost
from incidents.models import AuditEvent, Incident, Notice, Webhook, WebhookDelivery
from incidents.services import reviewing, webhook_delivery, webhooks
from incidents.services.filing import FiledReport, file_incident
from tests.builders import TEXT, make_incident, make_path, make_prediction, make_run, make_user, make_version
from tests.conftest import not_here
from tests.incidents.desk import work_off
from workers.models import Job

pytestmark = pytest.mark.django_db
State = WebhookDelivery.State


class Receiver:
    """A real server; `status` is what it answers, `got` the calls: (path, headers, body)."""

    def __init__(self):
        self.status, self.got, receiver = 200, [], self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings):
    one = Receiver()
    settings.WEBHOOK_HOSTS = (WebhookHost("http", "127.0.0.1", one.port),)
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def hook(receiver):
    return make_hook(url=f"http://127.0.0.1:{receiver.port}/in?from=caseloop")


def make_hook(**overrides):
    values = {"name": "SIEM", "events": ["filed", "predicted", "decided", "trained", "promoted"]}
    return Webhook.objects.create(**values | overrides)


def file_one():
    return file_incident(FiledReport(title="Call", text=TEXT), source="web").incident


def test_a_call_is_signed_so_that_the_receiver_can_check_it(hook, receiver):
    incident = file_one()
    work_off()
    ((path, headers, body),) = receiver.got
    assert path == "/in?from=caseloop"
    parts = dict(part.split("=", 1) for part in headers["X-Caseloop-Signature"].split(","))
    signed = hmac.new(hook.secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(parts["v1"], signed)
    assert abs(time.time() - int(parts["t"])) < 60
    delivery = WebhookDelivery.objects.get()
    assert (headers["X-Caseloop-Event"], headers["X-Caseloop-Delivery"]) == ("filed", str(delivery.pk))
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"
    told = json.loads(body)
    assert (told["event"], told["report"]["number"], told["delivery"]) == ("filed", incident.pk, delivery.pk)
    assert (delivery.state, delivery.tries, delivery.answer) == (State.DELIVERED, 1, "Answered 200.")


def test_nothing_that_a_reporter_wrote_is_sent(hook, receiver):
    reporter = make_user("secretive")
    report = FiledReport(title="Zebra title", text=TEXT, contact="me@example.org")
    file_incident(report, source="web", reporter=reporter)
    work_off()
    ((_, headers, body),) = receiver.got
    for word in ("Zebra", "bank", "me@example.org", "secretive"):
        assert word not in body.decode() + str(headers)


def test_each_event_is_told_in_its_transaction(hook, receiver):
    path = make_path("Fraud")
    version = make_version()
    version.folder = ""
    incident = make_incident()
    make_prediction(incident, version)
    analyst = make_user(role="analyst")
    assert reviewing.claim(incident, analyst)
    reviewing.decide(incident, reviewer=analyst, verdict="confirm", paths=[path])
    run = make_run()
    _end(run, "failed", error="x")
    promotion = Promotion.objects.create(action="first", version=version, by=analyst)
    webhooks.emit("promoted", [promotion.pk])
    webhooks.emit("predicted", [incident.predictions.get().pk])
    work_off()
    told = {json.loads(body)["event"]: json.loads(body) for _, _, body in receiver.got}
    assert set(told) == {"decided", "trained", "promoted", "predicted"}
    assert told["decided"]["decision"]["labels"] == [path.key]
    assert told["decided"]["decision"]["by"] == analyst.pk
    assert told["trained"]["training"] == {
        "number": run.pk, "line": run.line, "base_model": run.base_model, "status": "failed", "model": None,
    }  # fmt: skip
    assert told["promoted"]["promotion"]["model"] == version.name
    assert told["predicted"]["prediction"]["labels"] == [path.key]


def test_what_the_audit_hides_is_not_told(hook, receiver):
    make_path("Fraud")
    incident = make_incident(blind=True)
    prediction = make_prediction(incident, make_version())
    webhooks.emit("predicted", [prediction.pk])
    assert WebhookDelivery.objects.get().payload["prediction"] is None


def test_without_a_webhook_nothing_is_written(receiver, django_assert_num_queries):
    with django_assert_num_queries(1):
        webhooks.emit("filed", [1, 2, 3])
    make_hook(url="http://127.0.0.1/", events=["decided"])
    make_hook(name="off", url="http://127.0.0.1/", active=False)
    file_one()
    assert not WebhookDelivery.objects.exists()


def test_what_is_rolled_back_is_not_told(hook, receiver):
    class Stop(Exception):
        pass

    with pytest.raises(Stop), transaction.atomic():
        file_one()
        raise Stop
    assert not WebhookDelivery.objects.exists()


def test_a_failure_is_tried_again_after_growing_gaps_and_given_up_in_the_end(hook, receiver):
    receiver.status = 500
    file_one()
    gaps = []
    for tried in range(1, webhook_delivery.MOST_TRIES + 1):
        work_off()
        delivery = WebhookDelivery.objects.get()
        assert (delivery.tries, delivery.answer) == (tried, "Answered 500.")
        if job := Job.objects.filter(kind="deliver_webhook", status="queued").first():
            gaps.append(job.run_after - timezone.now())
            Job.objects.filter(pk=job.pk).update(run_after=None)
    assert delivery.state == State.FAILED
    assert gaps == sorted(gaps)
    assert (len(receiver.got), len(gaps)) == (8, 7)
    assert timedelta(seconds=5) < gaps[0] < timedelta(minutes=1)
    receiver.status = 204
    admin = make_user(role="admin")
    assert webhooks.retry(delivery, by=admin)
    assert not webhooks.retry(delivery, by=admin)
    work_off()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == (State.DELIVERED, 1)


def certified(receiver, folder):
    """Let the receiver speak TLS with a certificate of its own, for the name localhost; the file with it."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    try:
        subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    except FileNotFoundError:
        not_here("no openssl is on the PATH")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    return certificate


def test_a_certificate_is_checked_for_the_name_that_was_asked_for(receiver, settings, tmp_path, monkeypatch):
    trusted = ssl.create_default_context(cafile=certified(receiver, tmp_path))
    settings.WEBHOOK_HOSTS = tuple(WebhookHost("https", name, receiver.port) for name in ("localhost", "127.0.0.1"))
    hook, admin = make_hook(url=f"https://localhost:{receiver.port}/"), make_user(role="admin")
    untrusted = webhooks.ping(hook, by=admin)
    assert webhook_delivery.call(untrusted).text == "No answer: SSLError."
    monkeypatch.setattr(webhook_delivery.ssl, "create_default_context", lambda: trusted)
    assert webhook_delivery.call(untrusted).delivered
    hook.url = f"https://127.0.0.1:{receiver.port}/"  # the certificate does not name it
    assert not webhook_delivery.call(WebhookDelivery(pk=1, webhook=hook, event="ping", payload={})).delivered
    assert len(receiver.got) == 1


def test_a_redirect_is_not_followed(hook, receiver):
    receiver.status = 302
    file_one()
    work_off()
    delivery = WebhookDelivery.objects.get()
    assert delivery.answer == "Answered 302: redirects are not followed."
    assert delivery.state == State.WAITING
    assert len(receiver.got) == 1


def test_a_silent_host_is_called_once_a_batch(receiver):
    hook = make_hook(url=f"http://127.0.0.1:{receiver.port}/")
    receiver.server.shutdown()
    receiver.server.server_close()
    for _ in range(3):
        webhooks.ping(hook, by=make_user(role="admin"))
    work_off()
    assert sorted(WebhookDelivery.objects.values_list("tries", flat=True)) == [0, 0, 1]
    assert Job.objects.filter(status="queued", run_after__isnull=False).count() == 3
    assert WebhookDelivery.objects.filter(tries=1).get().answer.startswith("No answer: ")


def test_a_host_that_is_taken_off_the_list_is_not_called(hook, receiver, settings):
    file_one()
    settings.WEBHOOK_HOSTS = ()
    work_off()
    assert not receiver.got
    assert "WEBHOOK_HOSTS" in WebhookDelivery.objects.get().answer


def test_a_webhook_that_was_switched_off_gives_its_waiting_deliveries_up(hook, receiver):
    file_one()
    Webhook.objects.update(active=False)
    work_off()
    assert not receiver.got
    assert WebhookDelivery.objects.get().state == State.FAILED


def test_a_test_is_sent_also_while_it_is_off(hook, receiver):
    Webhook.objects.update(active=False)
    hook.refresh_from_db()
    webhooks.ping(hook, by=make_user(role="admin"))
    work_off()
    assert json.loads(receiver.got[0][2])["event"] == "ping"
    assert AuditEvent.objects.filter(kind="webhook.tested", subject="SIEM").exists()


def test_delivered_twice_it_is_called_once(hook, receiver):
    file_one()
    work_off()
    Job.objects.filter(kind="deliver_webhook").update(status="queued", attempts=0)
    work_off()
    assert len(receiver.got) == 1


def test_the_log_keeps_the_newest(hook, receiver, monkeypatch):
    monkeypatch.setattr(webhook_delivery, "KEPT", 2)
    for _ in range(4):
        webhooks.ping(hook, by=make_user(role="admin"))
    work_off()
    assert WebhookDelivery.objects.count() == 2


def test_those_who_manage_models_hear_of_the_end_of_a_training(settings):
    admin = make_user(role="admin")
    make_user(role="lead")
    run = make_run(requested_by=admin)
    _end(run, "succeeded")
    work_off()
    notice = Notice.objects.get()
    assert (notice.user, notice.kind) == (admin, "trained")
    assert str(run) in notice.sentence


def test_a_promotion_is_told(hook, receiver, monkeypatch):
    make_path("Fraud")
    version = make_version()
    monkeypatch.setattr(type(version), "artefact_error", "")
    promote(version, by=make_user(role="admin"))
    assert Job.objects.filter(kind="tell_promoted").count() == 1
    assert Incident.objects.count() == 0


def test_workers_ask_for_telling_only_where_somebody_listens(receiver):
    request_telling(Webhook.Event.PREDICTED, [1])
    assert not Job.objects.exists()
    make_hook(url=f"http://127.0.0.1:{receiver.port}/")
    make_path("Fraud")
    prediction = make_prediction(make_incident(), make_version())
    request_telling(Webhook.Event.PREDICTED, [prediction.pk])
    work_off()
    assert json.loads(receiver.got[0][2])["prediction"]["model"] == prediction.version.name
