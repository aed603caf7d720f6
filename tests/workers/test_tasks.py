"""The table of the product's own work."""

from importlib import import_module

from workers import celery


def test_each_kind_has_its_queue_and_inference_takes_no_more_than_sixty_four() -> None:
    table = import_module("workers.tasks").HANDLERS
    assert {kind: table[kind].queue for kind in ("classify", "explain", "embed", "train")} == {
        "classify": "inference",
        "explain": "inference",
        "embed": "inference",
        "train": "training",
    }
    assert [table[kind].limit.batch for kind in ("classify", "embed", "train")] == [64, 1, 1]
    assert table["train"].limit.lease.total_seconds() == 180


def test_short_work_is_acknowledged_after_and_training_before_it_runs() -> None:
    import_module("workers.tasks")
    assert celery.app.tasks[celery.WORK].acks_late
    assert not celery.app.tasks[celery.LONG_WORK].acks_late


def test_the_stream_has_a_queue_of_its_own_and_threats_are_judged_where_models_are() -> None:
    table = import_module("workers.tasks").HANDLERS
    kinds = ("ingest", "poll", "verdict_effects", "check_drift", "forget_events")
    assert {table[kind].queue for kind in kinds} == {"events"}
    assert (table["judge_threat"].queue, table["judge_threat"].limit.batch) == ("inference", 64)
