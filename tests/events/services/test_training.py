"""One kind of job trains versions of every line."""

import pytest

from classifier.models import ModelVersion, TrainingRun
from classifier.services import training
from events.services.detector_training import request_detector
from tests.events.services.detector_rows import source_with
from tests.events.services.threats import run_to_end

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("caseloop_home")]


def test_the_job_of_a_source_s_run_fits_its_detector() -> None:
    source = source_with(600)
    run = run_to_end(request_detector(source))
    assert (run.status, run.line) == (TrainingRun.Status.SUCCEEDED, source.line)
    assert ModelVersion.objects.champion(source.line) == run.version
    assert training.job_of(run).status == "done"


def test_a_fit_that_is_cancelled_makes_no_version() -> None:
    run = request_detector(source_with(600))
    assert training.cancel_training(run)
    run.refresh_from_db()
    assert run.status == TrainingRun.Status.CANCELLED and not ModelVersion.objects.exists()
