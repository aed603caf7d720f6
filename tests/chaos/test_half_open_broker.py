"""A broker that accepts and never answers: filing goes on as ever, and once it speaks again all is classified."""

import os
import time

import pytest

from classifier.models import Prediction
from classifier.services.training import request_training
from incidents.models import Incident
from tests.chaos.browser import Browser
from tests.chaos.conftest import Plant
from tests.chaos.half_open import Proxy
from tests.chaos.installation import serving
from tests.classifier.services.conftest import decide_reports, run_to_end
from tests.workers.conftest import SLACK, wait_for
from workers import status
from workers.celery import app
from workers.models import Job, WorkerHeartbeat

pytestmark = pytest.mark.chaos

FILING_SECONDS = 2.0  # a report is filed within it, whatever the broker does; half a second is usual
Ready = WorkerHeartbeat.State.READY


def filed_in(browser: Browser, text: str) -> float:
    """Seconds that the answer took."""
    form = browser.filing_form() | {"title": "A call", "text": text}
    began = time.monotonic()
    assert browser.send("/file/", form).status == 302
    return time.monotonic() - began


def classified() -> int:
    return Prediction.objects.filter(incident__source=Incident.Source.WEB, incident__status="classified").count()


@pytest.mark.long
def test_filing_takes_no_longer_and_what_was_filed_is_classified_once_the_broker_speaks(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide_reports()
    run_to_end(request_training(base_model="none"))
    with Proxy(plant.redis.socket) as proxy:
        address = f"redis://127.0.0.1:{proxy.port}/0"
        monkeypatch.setattr(app.conf, "broker_url", address)
        plant.broker_address = address
        plant.worker(), plant.sweeper()
        with serving(plant.home, broker_address=address) as browser:
            wait_for(lambda: WorkerHeartbeat.objects.filter(state=Ready).exists(), 120)
            filed_in(browser, "The otp code was asked for, the first time.")
            wait_for(lambda: classified() == 1, 60)
            proxy.silent.set()
            times = [filed_in(browser, f"The otp code was asked for, once more: {number}.") for number in range(10)]
            assert not status.broker_reachable()
            assert max(times) < FILING_SECONDS * SLACK * max(1.0, os.getloadavg()[0] / 2), times
            assert Job.objects.filter(kind="classify", status=Job.Status.QUEUED).count() + classified() == 11
            proxy.silent.clear()
            wait_for(lambda: classified() == 11, 120)
