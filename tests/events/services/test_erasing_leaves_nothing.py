"""The promise of erasing: a marker that a report has left everywhere is found nowhere once it is erased."""

import os
import signal
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from classifier import registry
from classifier.ml.scratch import Design
from classifier.models import DatasetRow, ErasedLearning, ModelVersion
from classifier.services import forgetting
from classifier.services.rebuild import rebuilt, request_rebuild
from events.services import erasing
from incidents.models import AuditEvent, Erasure, Incident, Label, Setting, User
from incidents.services import audit
from incidents.services.search import ids_of
from tests.builders import make_user
from tests.classifier.services.conftest import run_to_end
from tests.events.services.erasing_world import MARKER, erase_job, left_everywhere, search
from tests.workers.rows import expire
from workers import runner
from workers.models import Job
from workers.sweeper import take_back_lost_jobs

pytestmark = pytest.mark.django_db(transaction=True)
# Where a report must have left the marker, or the search below proves nothing.
TABLES = {
    "incidents_incident", "incidents_textrevision", "incidents_searchdocument", "incidents_comment",
    "incidents_reportermessage", "incidents_attachment", "incidents_observable", "incidents_label",
    "incidents_passingreason", "incidents_savedview", "incidents_category", "incidents_theme", "incidents_user",
    "account_emailaddress", "django_admin_log", "classifier_driftlook", "classifier_promotion",
}  # fmt: skip
PARTS = sorted({MARKER[start : start + 5] for start in range(len(MARKER) - 4)})


@pytest.fixture
def home(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.CASELOOP_HOME, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    tiny = Design(vocabulary=900, width=16, head_width=8, encoder_layers=1)
    for module in ("scratch", "t5_training"):
        monkeypatch.setattr(f"classifier.ml.{module}.DESIGN", tiny)
    for key in ("gate_min_reports", "gate_max_drop", "gate_max_class_drop"):
        Setting.objects.create(key=key, value=0 if key == "gate_min_reports" else 1.0)
    return tmp_path


def killed_at(erasure: Erasure, module: Any, name: str, *, after: bool) -> None:
    """A process of its own takes the job and gets SIGKILL in a function: before, or right after, it did what it does.

    A fork, as Celery's: no connection is open in the parent. What becomes of the job is the sweeper's.
    """
    connections.close_all()
    if (pid := os.fork()) == 0:
        try:
            whole: Callable[..., Any] = getattr(module, name)

            def dies(*args: Any, **options: Any) -> None:
                if after:
                    whole(*args, **options)
                os.kill(os.getpid(), signal.SIGKILL)

            setattr(module, name, dies)
            runner.run(erase_job(erasure), erasing.carry_out)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == signal.SIGKILL, f"the job did not come to {name}"
    assert Job.objects.get(kind=erasing.KIND).status == Job.Status.RUNNING
    expire(kind=erasing.KIND)
    take_back_lost_jobs()


def test_an_erased_marker_is_found_nowhere(home: Path) -> None:
    incident, reporter = left_everywhere()
    before = search(home, MARKER)
    tables = {name.removeprefix("table ") for name in before if name.startswith("table ")}
    assert TABLES - tables == set()
    assert any(name.startswith("media/") for name in before)
    assert {name.rpartition("/")[2] for name in before if name.startswith("models/")} == {
        "vocabulary.json",
        "spiece.model",
    }
    assert {"account.sign_in_failed", "account.signed_in", "second_factor.reset", "hold.set"} <= set(
        AuditEvent.objects.filter(subject=audit.about(reporter)).values_list("kind", flat=True)
    )
    assert "table incidents_auditevent" not in before
    learned = ModelVersion.objects.filter(snapshot__rows__incident=incident).distinct()
    assert learned.count() == 2

    erasure = erasing.request_erasure(
        [incident.pk], account=reporter, reason="They asked for it", by=make_user(role="admin")
    )
    assert ids_of(MARKER) == []
    for module, name, after in (
        (erasing, "erase_quotes", True),
        (erasing, "take_out_rows", True),
        (forgetting, "forget_words", True),
        (forgetting, "_swap", True),
        (erasing, "erase_account", True),
        (erasing, "compact", False),
    ):
        killed_at(erasure, module, name, after=after)
        erasure.refresh_from_db()
        assert erasure.state == Erasure.State.ERASING
    runner.run(erase_job(erasure), erasing.carry_out)

    assert search(home, MARKER) == {}
    assert [part for part in PARTS if search(home, part)] == []
    erasure.refresh_from_db()
    assert (erasure.state, erasure.figures["files"], erasure.figures["dataset_rows"]) == (Erasure.State.ERASED, 1, 1)
    assert set(ErasedLearning.objects.values_list("state", flat=True)) == {ErasedLearning.State.CLEANED}
    _what_stays(incident, reporter)
    _models_still_serve(learned_by=ErasedLearning.objects.order_by("pk"))


def _what_stays(incident: Incident, reporter: User) -> None:
    incident.refresh_from_db()
    assert (incident.status, incident.standing_category, incident.text) == ("erased", "Fraud", "")
    assert incident.decided_at and incident.erased_at
    label = Label.objects.get(incident=incident)
    assert (label.verdict, label.reason, label.reviewer.username) == ("confirm", "", "ann")  # type: ignore[union-attr]
    reporter.refresh_from_db()
    assert (reporter.username, reporter.email, reporter.is_active) == (f"erased-{reporter.pk}", "", False)


def _models_still_serve(learned_by: Any) -> None:
    """Each version answers from its clean artefact, and a rebuild says how many rows are gone."""
    for learning in learned_by:
        assert learning.version.artefact_error == "" and learning.ngrams > 0
        assert registry.load(learning.version).classify_batch(["a caller asked for the otp code"])
    assert not DatasetRow.objects.filter(incident__status="erased").exists()
    found = rebuilt(run_to_end(request_rebuild(learned_by[0].version, by=None)))
    assert found is not None and found.gone == 1
    assert found.problem.startswith("1 of the 91 rows of its dataset are erased")
