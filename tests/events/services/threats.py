"""Examples of threats and normal events, and trainings on them."""

import json

from classifier.models import ModelVersion, TrainingRun
from classifier.services.training import job_of
from events.services.examples import ImportReport, import_examples
from events.services.threat_training import request_threat_training
from events.services.training import run_training
from events.stream.prompts import NORMAL, THREAT, prompt
from workers import jobs

LOGS = {
    THREAT: ("failed login for {} from unknown host", "mimikatz seen on {}", "shadow copies deleted on {}"),
    NORMAL: ("backup of {} done", "user session of {} ended", "heartbeat of {} received"),
}
HOSTS = (
    "amber", "birch", "cedar", "delta", "elm", "fir", "grove", "hazel", "iris", "jade", "kelp", "larch", "maple",
    "nettle", "olive", "pine", "quince", "rowan", "sorrel", "thyme", "umber", "vine", "willow", "yarrow", "zinnia",
)  # fmt: skip


def pairs(hosts: int = len(HOSTS)) -> list[dict[str, str]]:
    """In the reference's format; as many log entries as hosts, three times for each completion."""
    return [
        {"prompt": prompt(log.format(host), "suspicious", 0.9), "completion": f" {completion}"}
        for completion, logs in LOGS.items()
        for log in logs
        for host in HOSTS[:hosts]
    ]


def as_lines(rows: list[dict[str, str]]) -> list[bytes]:
    return [json.dumps(row).encode() + b"\n" for row in rows]


def add_examples(hosts: int = len(HOSTS)) -> ImportReport:
    return import_examples(as_lines(pairs(hosts)))


def run_to_end(run: TrainingRun) -> TrainingRun:
    batch = jobs.claim_job(job_of(run), worker="test")
    assert batch is not None
    run_training(batch)
    run.refresh_from_db()
    return run


def trained(**wanted: object) -> ModelVersion:
    """A version of the line `detect`, from the examples that are there."""
    run = run_to_end(request_threat_training(**{"base_model": "none", **wanted}))  # type: ignore[arg-type]
    assert run.version is not None, run.error
    return run.version
