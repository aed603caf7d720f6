"""What a training will cost: from earlier trainings of that base, else from what was measured elsewhere."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Count, FloatField, Sum, Value
from django.db.models.functions import Cast, Least, Length
from django.utils.translation import gettext, ngettext

from classifier.ml.config import TrainingConfig
from classifier.ml.costs import (
    CHARACTERS_A_TOKEN,
    Size,
    cost,
    disk_beside,
    longest,
    memory_beside,
    slowdown,
    work,
)
from classifier.models import TrainingRun
from classifier.services.dataset_contents import Contents
from classifier.services.selection import decided_reports
from incidents.models import Incident

COMPARED = 3  # latest trainings of a base that an estimate rests on


@dataclass(frozen=True)
class Estimate:
    """None where nothing is known. `rests_on` says in a sentence what it was worked out from."""

    seconds: float | None
    memory_mb: float | None
    disk_mb: float | None
    rests_on: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def planned_size(config: TrainingConfig, contents: Contents) -> Size:
    """Of the decided reports as they are now; one query, which reads the lengths of their texts."""
    length = Cast(Length("current_label__text_revision__text"), FloatField()) / CHARACTERS_A_TOKEN
    train = decided_reports().filter(split=Incident.Split.TRAIN)
    found = train.aggregate(n=Count("pk"), tokens=Sum(Least(length, Value(float(longest(config))))))
    reports = contents.counts.get(Incident.Split.TRAIN, 0)
    return Size(reports, (found["tokens"] or 0.0) * reports / max(found["n"], 1))


def estimate(line: str, config: TrainingConfig, size: Size | None) -> Estimate:
    """Without a size, only what earlier trainings of the line took can be told."""
    earlier = _earlier(line, config.base_model)
    if earlier:
        return _from_earlier(earlier, config, size)
    worked_out = cost(config, size) if size else None
    if worked_out is None:
        return Estimate(None, None, None, gettext("This base has not been trained here yet, so nothing is known."))
    return Estimate(
        worked_out.seconds,
        worked_out.memory_mb,
        worked_out.disk_mb,
        gettext("Worked out from what was measured on one core of another machine: none was trained here yet."),
    )


def _earlier(line: str, base_model: str) -> list[TrainingRun]:
    """The latest that ended well and were measured in one piece."""
    ended = TrainingRun.objects.filter(line=line, base_model=base_model, status=TrainingRun.Status.SUCCEEDED)
    return list(ended.exclude(measured={}).order_by("-pk")[:COMPARED])


def _from_earlier(runs: list[TrainingRun], config: TrainingConfig, size: Size | None) -> Estimate:
    """Time goes with the work, and all of it with what the settings cost beside those of then."""
    told: list[Mapping[str, Any]] = [run.measured for run in runs]
    settings = [TrainingConfig(base_model=run.base_model, **run.options) for run in runs]
    wanted = work(config, size) if size else None
    seconds = statistics.median(
        one["seconds"] * (wanted / one["work"] if wanted and one["work"] else 1.0) * slowdown(config) / slowdown(then)
        for one, then in zip(told, settings, strict=True)
    )
    names = ", ".join(str(run.pk) for run in runs)
    rests_on = ngettext(
        "From training %(names)s of this base on %(host)s, %(device)s.",
        "From trainings %(names)s of this base, the last one on %(host)s, %(device)s.",
        len(runs),
    ) % {"names": names, "host": told[0]["host"], "device": told[0]["device"]}
    limit = config.max_seconds
    return Estimate(
        min(seconds, limit) if limit else seconds,
        _most((one["memory_mb"], _memory_times(one, then, config)) for one, then in zip(told, settings, strict=True)),
        _most((one["disk_mb"], disk_beside(config, then)) for one, then in zip(told, settings, strict=True)),
        rests_on,
    )


def _memory_times(took: Mapping[str, Any], then: TrainingConfig, config: TrainingConfig) -> float | None:
    """On a GPU, what settings change is in its own memory, which is not what was measured."""
    return memory_beside(config, then) if str(took["device"]).startswith("CPU") else 1.0


def _most(told: Iterable[tuple[float, float | None]]) -> float | None:
    """The most of what trainings took, times what it is worked out to be now; those of the same settings know best."""
    known = [(took * times, times) for took, times in told if times is not None]
    same = [amount for amount, times in known if times == 1.0]
    return max(same or [amount for amount, _ in known], default=None)
