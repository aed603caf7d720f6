"""Several erasures at once: the database is written anew once for all of them."""

import pytest
from django.db.models import Max

from events.services import erasing
from events.services.erasing import carry_out, request_erasure
from incidents.models import AuditEvent, Erasure, User
from tests.builders import make_incident, make_user
from workers import jobs, runner
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db
State = Erasure.State


@pytest.fixture
def compacted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How far each erasure was each time when the database was written anew."""
    seen: list[int] = []
    monkeypatch.setattr(erasing, "compact", lambda: seen.append(Erasure.objects.filter(stage="database").count()))
    return seen


@pytest.fixture
def admin() -> User:
    return make_user(role="admin")


def asked(admin: User) -> Erasure:
    return request_erasure([make_incident(text="a garden gnome").pk], reason="Old", by=admin)


def work() -> None:
    Job.objects.open().update(run_after=None)
    newest = Job.objects.aggregate(newest=Max("pk"))["newest"] or 0
    for _ in range(newest):
        batch = jobs.claim("desk", worker="test", limits={"erase": Limit()})
        if batch is None:
            return
        runner.run(batch, carry_out)


def test_the_last_erasure_of_a_pass_writes_the_database_anew_for_all(admin: User, compacted: list[int]) -> None:
    erasures = [asked(admin) for _ in range(3)]
    work()
    assert compacted == [3]
    assert set(Erasure.objects.values_list("state", "stage")) == {(State.ERASED, "done")}
    work()  # the two that were put off find that it is done
    assert compacted == [3] and not Job.objects.open().exists()
    told = AuditEvent.objects.filter(kind=erasing.DONE).values_list("subject", flat=True)
    assert sorted(told) == sorted(str(one) for one in erasures)


def test_one_whose_job_has_failed_or_that_was_asked_for_much_later_keeps_nobody_waiting(
    admin: User, compacted: list[int]
) -> None:
    failed, later = asked(admin), asked(admin)
    Job.objects.filter(object_id=failed.pk, kind="erase").update(status=Job.Status.FAILED)
    Erasure.objects.filter(pk=later.pk).update(created_at=later.created_at + 2 * erasing.A_PASS)
    asked(admin)
    batches = jobs.claim("desk", worker="test", limits={"erase": Limit()})
    assert batches is not None and batches.object_ids == [later.pk]
    batches.release()
    Job.objects.filter(object_id=later.pk).update(run_after="2999-01-01T00:00Z")
    batch = jobs.claim("desk", worker="test", limits={"erase": Limit()})
    assert batch is not None
    runner.run(batch, carry_out)
    assert compacted == [1]
    assert list(Erasure.objects.order_by("pk").values_list("state", flat=True)) == ["erasing", "erasing", "erased"]
