"""Calls of the API, made from its own schema: what Schemathesis draws, aimed at rows and names that are there."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import models, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from classifier.models import DriftAlarm, ForceRequest, ModelVersion, PromiseAlarm, TrainingRun
from events.models import Detection, EventSource
from incidents.models import Category, Erasure, ImportBatch, Incident, Path

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Below which address the number in it is of what.
NUMBERED: Mapping[str, type[models.Model]] = {
    "/incidents/": Incident,
    "/models/": ModelVersion,
    "/trainings/": TrainingRun,
    "/imports/": ImportBatch,
    "/force-requests/": ForceRequest,
    "/drift/alarms/": DriftAlarm,
    "/policy/alarms/": PromiseAlarm,
    "/detections/": Detection,
    "/erasures/": Erasure,
}


@dataclass
class Fuzz:
    """Sends what it draws as each caller; `complaints` holds each kind of wrong answer once, `sent` how many calls."""

    callers: Mapping[str, str]  # who -> value of Authorization, empty for nobody
    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    complaints: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())
        self.names = _names()

    def operations(self) -> Iterator[Any]:
        for result in self.schema.get_all_operations():
            yield result.ok()

    def run(self, operation: Any, callers: Sequence[str], cases: int, start: int) -> None:
        """As many valid and as many broken calls of one operation, each by each of the callers and then undone."""
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if mode is GenerationMode.POSITIVE or _can_be_broken(operation):
                self._draw(operation.as_strategy(generation_mode=mode), callers, cases, start)

    def _draw(self, calls: Any, callers: Sequence[str], cases: int, start: int) -> None:
        chance = random.Random(start)

        @seed(start)
        @settings(
            max_examples=cases,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(calls)
        def each(case: Any) -> None:
            self._aim(case, chance)
            for who in callers:
                self._send(case, who)

        each()

    def _send(self, case: Any, who: str) -> None:
        token = self.callers[who]
        with transaction.atomic():
            answer = case.call(headers={"Authorization": token} if token else None)
            transaction.set_rollback(True)
        self.sent[who] += 1
        self.statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            for failure in group.exceptions:
                told = " ".join(str(failure).split())[:300]
                self.complaints.add(f"{case.method} {case.path} as {who or 'nobody'}: {answer.status_code} {told}")

    def _aim(self, case: Any, chance: random.Random) -> None:
        """Mostly at rows that are there, and by names that are there, so that more than "not found" is tried."""
        numbers = next((self.names[part] for part in NUMBERED if f"/v1{part}{{id}}" in case.path), [])
        if numbers and chance.random() < 0.8:
            case.path_parameters["id"] = chance.choice(numbers)
        for values in (case.query, case.body):
            for name in set(values) & set(self.names) if isinstance(values, dict) else ():
                if chance.random() < 0.5:
                    known = chance.choice(self.names[name])
                    values[name] = [known] if isinstance(values[name], list) else known


def _names() -> dict[str, list[Any]]:
    """Of the fields that name something: what there is."""
    keys, categories = list(Path.objects.values_list("key", flat=True)), Category.objects.values_list("name", flat=True)
    words = {
        "paths": keys,
        "path": keys,
        "label": keys,
        "category": list(categories),
        "categories": list(categories),
        "into": [*keys, *categories],
        "source": list(EventSource.objects.values_list("name", flat=True)),
        "line": list(ModelVersion.objects.values_list("line", flat=True)),
        "with": list(ModelVersion.objects.values_list("pk", flat=True)),
    }
    return words | {part: list(kind._default_manager.values_list("pk", flat=True)) for part, kind in NUMBERED.items()}


def _can_be_broken(operation: Any) -> bool:
    """Whether it takes anything that could be sent wrongly."""
    return any(list(part) for part in (operation.body, operation.query, operation.path_parameters))
