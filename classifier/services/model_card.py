"""The card of a version: what it is, what it learned from, how good it is and where it is not to be trusted.

After Mitchell et al. 2019, "Model Cards for Model Reporting" (arXiv:1810.03993). One set of facts for the page, the
Markdown and the JSON.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _

from classifier.ml.artifact import MANIFEST, ArtifactError, read_manifest
from classifier.ml.config import NO_T5, SMALL_SCRATCH
from classifier.ml.files import sha256_of
from classifier.ml.metrics import VIEWS as LABELS_OF
from classifier.ml.presets import PRESETS
from classifier.ml.significance import f1_interval, wilson
from classifier.models import ModelVersion, Promotion, TrainingRun
from classifier.services.dataset_contents import Contents, in_words
from classifier.services.figure_list import VIEWS
from classifier.services.forgetting import erased_of
from classifier.services.outcomes import figures_today, served_row
from classifier.services.snapshot import label_paths
from incidents.models import Incident, Path

FEW = 20  # training reports of a class, below which the card warns of it
LEVELS = ("category", "sub_category")
NAMED = 12  # classes that a sentence names


@dataclass(frozen=True)
class Figured:
    """A figure with its 95 % interval, all from 0 to 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ClassFigures:
    """One class on the test reports; `training`: reports of it that were learned from."""

    label: str
    support: int
    training: int
    precision: Figured
    recall: Figured
    f1: Figured

    @property
    def figures(self) -> tuple[Figured, Figured, Figured]:
        return self.precision, self.recall, self.f1


@dataclass(frozen=True)
class Level:
    """All classes of a category, of a sub-category, or of both together."""

    name: str
    title: str
    accuracy: Figured
    macro_f1: float
    classes: Sequence[ClassFigures]


@dataclass(frozen=True)
class Data:
    dataset: str  # hash of what it learned from
    counts: dict[str, int]  # reports per split
    sources: dict[str, int]
    decided_from: str  # ISO dates of the first and last decision; "" where no label was kept
    decided_to: str
    left_out: Sequence[str]


@dataclass(frozen=True)
class Move:
    action: str
    at: str
    by: str
    reason: str
    forced: bool


@dataclass(frozen=True)
class Card:
    """Everything is plain values, so that it goes into JSON as it is."""

    name: str
    line: str
    stage: str
    made: str
    base_model: str
    licence: str
    parts: str
    options: dict[str, Any]
    seconds: float | None
    data: Data | None
    levels: Sequence[Level]
    calibration_error: float | None
    coverage_promised: float | None
    coverage: float | None
    test_reports: int
    limits: Sequence[str]
    hashes: dict[str, str]
    moves: Sequence[Move]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def card_of(version: ModelVersion) -> Card:
    """Of a version of a line that reads texts; a constant number of queries and one manifest."""
    run = TrainingRun.objects.filter(version=version).first()
    served = served_row(version, version.snapshot)
    figures = figures_today(served) if served else {}
    training = _training_counts(version)
    levels = [
        _level(name, str(title), figures[name], figures["n"], training) for name, title in VIEWS if name in figures
    ]
    data = _data(version, run)
    return Card(
        name=version.name,
        line=version.line,
        stage=version.stage,
        made=version.created_at.isoformat(),
        base_model=version.base_model,
        licence=_licence(version.base_model),
        parts=_parts(version),
        options=run.options if run else {},
        seconds=_seconds(run),
        data=data,
        levels=levels,
        calibration_error=figures.get("ece"),
        coverage_promised=figures.get("coverage_promised"),
        coverage=figures.get("coverage"),
        test_reports=figures.get("n", 0),
        limits=_limits(version, levels, data),
        hashes=_hashes(version),
        moves=_moves(version),
    )


def _seconds(run: TrainingRun | None) -> float | None:
    if run is None or run.started_at is None or run.finished_at is None:
        return None
    return (run.finished_at - run.started_at).total_seconds()


def _level(name: str, title: str, view: dict[str, Any], n: int, training: dict[str, Counter[str]]) -> Level:
    rows = [row for row in view["classes"] if row["label"]]
    counts = training[name]
    return Level(
        name,
        title,
        _share(view["accuracy"], n),
        view["macro_f1"],
        [_class(row, counts[row["label"]]) for row in rows],
    )


def _class(row: dict[str, Any], training: int) -> ClassFigures:
    """Counts follow from the stored shares: of `support` reports so many were found, of so many decided."""
    support = row["support"]
    hits = round(row["recall"] * support)
    decided = round(hits / row["precision"]) if row["precision"] else 0
    low, high = f1_interval(np.array([hits]), np.array([decided]), np.array([support]))
    return ClassFigures(
        label=row["label"],
        support=support,
        training=training,
        precision=_share(row["precision"], decided),
        recall=_share(row["recall"], support),
        f1=Figured(row["f1"], float(low[0]), float(high[0])),
    )


def _share(value: float, n: int) -> Figured:
    low, high = wilson(value * n, n)
    return Figured(value, float(low), float(high))


def _training_counts(version: ModelVersion) -> dict[str, Counter[str]]:
    """Reports that were learned from, by level and label of today; without those whose label is none any more."""
    own, reading = version.snapshot.path_ids, Path.objects.reading()
    order = reading.ids(own)
    words = dict(zip(order, label_paths(order), strict=True))
    learned = version.snapshot.rows.filter(split=Incident.Split.TRAIN).values_list("paths", flat=True)
    chosen = Counter(tuple(places) for places in learned.iterator())
    counted: dict[str, Counter[str]] = {name: Counter() for name in LABELS_OF}
    for places, number in chosen.items():
        if today := [words[pk] for pk in reading.ids(own[place] for place in places)]:
            for name, label_of in LABELS_OF.items():
                counted[name][label_of(today)] += number
    return counted


def _data(version: ModelVersion, run: TrainingRun | None) -> Data | None:
    rows = version.snapshot.rows
    sources = dict(rows.values_list("incident__source").annotate(n=Count("pk")).order_by())
    span = rows.aggregate(first=Min("label__created_at"), last=Max("label__created_at"))
    return Data(
        dataset=version.snapshot.content_hash,
        counts=version.snapshot.counts,
        sources=sources,
        decided_from=span["first"].date().isoformat() if span["first"] else "",
        decided_to=span["last"].date().isoformat() if span["last"] else "",
        left_out=in_words(Contents.from_json(run.contents).parts) if run and run.contents else [],
    )


def _licence(base_model: str) -> str:
    if base_model in {NO_T5, SMALL_SCRATCH}:
        return _("no foreign weights: everything was learned from the reports of this installation")
    known = {preset.name: preset.licence for preset in PRESETS}
    return known.get(base_model) or _("not known here: see where the base model comes from")


def _parts(version: ModelVersion) -> str:
    if version.is_linear_alone:
        return _("a linear expert over words and parts of words")
    told = _("T5 (%(weight)s of the blend) and a linear expert over words and parts of words")
    return told % {"weight": f"{version.t5_weight:.0%}"}


def _limits(version: ModelVersion, levels: Sequence[Level], data: Data | None) -> list[str]:
    """What a reader has to know before relying on it, from the figures themselves."""
    found = [_("It knows only the labels that it learned, and takes any text for one of them.")]
    classes = [row for level in levels if level.name in LEVELS for row in level.classes]
    rare = sorted({row.label for row in classes if row.training < FEW})
    if rare:
        told = _("Learned from fewer than %(few)s reports each, so hardly to be trusted: %(names)s.")
        found.append(told % {"few": FEW, "names": _named(rare)})
    untested = sorted({row.label for row in classes if row.support == 0})
    if untested:
        found.append(_("Not measured, for want of test reports: %(names)s.") % {"names": _named(untested)})
    if data and data.sources.get(Incident.Source.DEMO):
        told = _("%(n)s of its reports are synthetic samples: real reports read otherwise.")
        found.append(told % {"n": f"{data.sources[Incident.Source.DEMO]:,}"})
    if gone := erased_of(version):
        told = _(
            "Learned from %(n)d reports that are erased since: their words are out of it, what they taught it is not."
        )
        found.append(told % {"n": gone})
    if version.base_model == SMALL_SCRATCH:
        found.append(_("Its T5 was trained from nothing: it knows no language but that of these reports."))
    found.append(_("Figures are of reports like those that were decided here; others may fare worse."))
    return found


def _named(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    listed = ", ".join(names[:NAMED])
    return listed if more <= 0 else _("%(names)s and %(n)s more") % {"names": listed, "n": more}


def _hashes(version: ModelVersion) -> dict[str, str]:
    found = {"dataset": version.snapshot.content_hash, "encoder": version.encoder_hash}
    try:
        found["code"] = read_manifest(version.manifest_folder).code_version
        found["artefact"] = sha256_of(version.manifest_folder / MANIFEST)
    except ArtifactError:
        pass
    return found


def _moves(version: ModelVersion) -> list[Move]:
    rows = Promotion.objects.filter(version=version).select_related("by").order_by("pk")
    return [
        Move(str(row.action), row.created_at.isoformat(), str(row.by or ""), row.reason, row.forced) for row in rows
    ]
