"""Rows for tests, each with sensible values that a test overrides where it matters."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import numpy as np
from django.contrib.auth.models import Group
from django.utils import timezone
from rest_framework.test import APIClient

from classifier.ml.outcomes import Outcomes
from classifier.ml.results import Classification
from classifier.ml.taxonomy import LabelPath, join_labels
from classifier.models import (
    ActingPolicy,
    DatasetSnapshot,
    DriftLook,
    DriftReference,
    Evaluation,
    LearningRun,
    ModelVersion,
    Prediction,
    Promotion,
    TrainingRun,
)
from incidents.models import ApiToken, Category, Incident, Label, Path, SubCategory, TaxonomyVersion, TextRevision, User
from incidents.roles import REPORTER
from incidents.services.tokens import create_token

PASSWORD = "correct horse battery staple"
TEXT = "Somebody called as my bank, asked for the one-time code, and 5,000 were gone a minute later."

_numbers = count(1)


def make_user(username: str = "", role: str = REPORTER, **overrides: Any) -> User:
    """An account with one role group and the password `PASSWORD`; an empty role gives none. The tour is behind it."""
    name = username or f"{role or 'nobody'}{next(_numbers)}"
    user = User.objects.create_user(name, password=PASSWORD, **{"toured_at": timezone.now()} | overrides)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def make_api_client(user: User, *scopes: str) -> APIClient:
    """A client of the API that sends a fresh token of that person; without scopes the token has all."""
    _, secret = create_token(user, name="test", scopes=scopes or ApiToken.Scope.values)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


def make_path(category: str | Sequence[str] = "Financial fraud", sub_category: str = "") -> Path:
    """The path of that name, made with its categories and sub-category if it is not there yet."""
    names = [category] if isinstance(category, str) else list(category)
    path, created = Path.objects.get_or_create(
        key=LabelPath.of(names, sub_category).key,
        defaults={"sub_category": SubCategory.objects.get_or_create(name=sub_category)[0] if sub_category else None},
    )
    if created:
        path.categories.set(Category.objects.get_or_create(name=name)[0] for name in names)
    return path


def make_taxonomy_version() -> TaxonomyVersion:
    """The version of the paths that are there now."""
    keys = sorted(Path.objects.live().values_list("key", flat=True))
    content_hash = hashlib.sha256("\n".join(keys).encode()).hexdigest()
    newest = TaxonomyVersion.objects.order_by("-pk").first()
    if newest and newest.content_hash == content_hash:
        return newest
    return TaxonomyVersion.objects.create(content_hash=content_hash, path_keys=keys)


def make_incident(*, title: str = "Call from a bank", text: str = TEXT, **overrides: Any) -> Incident:
    """A new report with its first text; `overrides` are columns of `Incident`."""
    text_hash = hashlib.sha256(text.encode()).hexdigest()
    values = {"source": Incident.Source.WEB, "split_group": text_hash, "split": Incident.Split.TRAIN}
    values["standing_category"] = overrides.get("current_category", "")
    values["twins"] = f"text:{text_hash[:40]}"
    incident = Incident.objects.create(**values | overrides)
    incident.current_text = TextRevision.objects.create(incident=incident, title=title, text=text, text_hash=text_hash)
    incident.save(update_fields=["current_text"])
    return incident


def make_snapshot(**overrides: Any) -> DatasetSnapshot:
    """A snapshot of the paths that are there now, without rows."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "content_hash": hashlib.sha256(str(number).encode()).hexdigest(),
        "path_ids": list(Path.objects.order_by("key").values_list("pk", flat=True)),
        "counts": {"train": 1600, "validation": 200, "test": 200},
    }
    if "taxonomy_version" not in overrides:
        values["taxonomy_version"] = make_taxonomy_version()
    return DatasetSnapshot.objects.create(**values | overrides)


def make_version(**overrides: Any) -> ModelVersion:
    """A model version without an artefact; a challenger unless `stage` says otherwise."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "name": f"classify-{number}",
        "base_model": "small-scratch",
        "t5_weight": 0.4,
        "encoder_hash": hashlib.sha256(f"encoder {number}".encode()).hexdigest(),
        "folder": f"classify-{number}",
    }
    if "snapshot" not in overrides:
        values["snapshot"] = make_snapshot()
    return ModelVersion.objects.create(**values | overrides)


def make_curve(label: str = "", **overrides: Any) -> dict[str, Any]:
    """A stored learning curve that still rises; of the mean over all categories without a label."""
    values: dict[str, Any] = {
        "view": "category", "label": label, "labels": 120, "counts": [12.0, 24.0, 48.0, 72.0, 96.0],
        "f1": [0.2, 0.35, 0.5, 0.55, 0.6], "low": 0.52, "high": 0.68, "more": 100, "verdict": "rising",
        "now": 0.62, "then": 0.66, "then_low": 0.6, "then_high": 0.71,
        "gain": 0.04, "gain_low": 0.02, "gain_high": 0.06,
    }  # fmt: skip
    return values | overrides


def make_starving_curve(label: str, **overrides: Any) -> dict[str, Any]:
    """A stored curve of a class with too few labels to say anything."""
    nothing = dict.fromkeys(("now", "then", "then_low", "then_high", "gain", "gain_low", "gain_high"))
    return make_curve(label, **{"labels": 7, "more": 7, "verdict": "starving"} | nothing | overrides)


def make_learning_run(**overrides: Any) -> LearningRun:
    """A measuring that ended well, with the mean, a class that rises and one that starves."""
    curves = [make_curve(), make_curve("Hacking"), make_starving_curve("Ransomware")]
    values = {"status": "done", "labels": 127, "curves": curves, "finished_at": timezone.now()}
    return LearningRun.objects.create(**values | overrides)


def make_prediction(
    incident: Incident, version: ModelVersion | None = None, chances: Sequence[float] = (), **overrides: Any
) -> Prediction:
    """What `version` (a new one when None) said, and the incident's `current_*` columns that follow.

    `chances` are probabilities in the order of the version's snapshot, which needs at least one path. Without
    them the first path gets 0.7 and the others share the rest.
    """
    version = version or make_version()
    path_ids = version.snapshot.path_ids
    chances = chances or [0.7, *[0.3 / max(len(path_ids) - 1, 1)] * (len(path_ids) - 1)]
    top = int(np.argmax(chances))
    values: dict[str, Any] = {
        "incident": incident,
        "text_revision": incident.current_text,
        "version": version,
        "taxonomy_version": version.snapshot.taxonomy_version,
        "distribution": np.asarray(chances, np.float16).tobytes(),
        "path_ids": [path_ids[top]],
        "confidence": float(chances[top]),
        "unsure": chances[top] < 0.5,
        "threshold": 0.5,
        "anomaly": 42.0,
        "seconds": 0.02,
    }
    prediction = Prediction.objects.create(**values | overrides)
    _show_on(incident, prediction)
    return prediction


def _show_on(incident: Incident, prediction: Prediction) -> None:
    paths = list(Path.objects.with_names().filter(pk__in=prediction.path_ids))
    incident.current_category = " or ".join(sorted({name for path in paths for name in path.category_names}))
    incident.current_sub_category = " or ".join(sorted({path.sub_category_name for path in paths} - {""}))
    incident.current_confidence = prediction.confidence
    incident.current_unsure = prediction.unsure
    incident.current_model = prediction.version.name
    incident.current_anomaly = prediction.anomaly
    incident.review_priority = incident.review_priority or 1 - prediction.confidence
    if incident.status == Incident.Status.NEW:
        incident.status = Incident.Status.CLASSIFIED
    incident.save()


def make_label(incident: Incident, reviewer: User | None = None, paths: Sequence[Path] = (), **overrides: Any) -> Label:
    """A standing verdict on the report's current text; a confirmation unless `verdict` says otherwise."""
    values: dict[str, Any] = {
        "incident": incident,
        "text_revision": incident.current_text,
        "taxonomy_version": make_taxonomy_version(),
        "reviewer": reviewer,
        "verdict": Label.Verdict.CONFIRM,
    }
    label = Label.objects.create(**values | overrides)
    label.paths.set(paths)
    return label


def make_decided(*paths: Path, **overrides: Any) -> Incident:
    """A report on which a confirmation with these paths stands; `overrides` are columns of `Incident`."""
    incident = make_incident(status=Incident.Status.DECIDED, **overrides)
    incident.current_label = make_label(incident, paths=paths)
    incident.standing_category = join_labels(name for path in paths for name in path.category_names)
    incident.save(update_fields=["current_label", "standing_category"])
    return incident


def make_figures(accuracy: float = 0.8, **overrides: Any) -> dict[str, Any]:
    """Figures in the shape of `classifier.ml.metrics.evaluate`, for two categories."""
    classes = [
        {"label": "Financial fraud", "precision": 0.9, "recall": 0.8, "f1": 0.847, "support": 120},
        {"label": "Hacking", "precision": 0.7, "recall": 0.8, "f1": 0.747, "support": 80},
    ]
    view = {"accuracy": accuracy, "macro_f1": accuracy - 0.05, "classes": classes}
    figures: dict[str, Any] = {
        "n": 200,
        "category": view,
        "sub_category": view,
        "both": view,
        "confusion": {"labels": ["Financial fraud", "Hacking"], "counts": [[96, 24], [16, 64]]},
        "exact_set": accuracy,
        "ece": 0.05,
        "brier": 0.12,
        "nll": 0.6,
        "seconds": 2.0,
        "reports_per_second": 100.0,
    }
    return figures | overrides


def make_held_out(*rows: tuple[str, bool, float, int]) -> Outcomes:
    """Of test reports: the category decided, whether that is right, the confidence, and how many of these there are."""
    names = [*sorted({name for name, *_more in rows}), "Else"]
    said = np.repeat([names.index(name) for name, *_more in rows], [count for *_more, count in rows])
    right = np.repeat([is_right for _name, is_right, *_more in rows], [count for *_more, count in rows])
    confidence = np.repeat([sure for _name, _right, sure, _count in rows], [count for *_more, count in rows])
    truth = np.where(right, said, len(names) - 1)
    paths = tuple(LabelPath((name,), "") for name in names)
    sets = tuple((number,) for number in range(len(names)))
    return Outcomes(np.arange(len(said)), paths, sets, truth, said, confidence.astype(float))


def make_policy(version: ModelVersion | None, **overrides: Any) -> ActingPolicy:
    """One that accepts what is sure of "Financial fraud"."""
    values: dict[str, Any] = {"auto_accept": True, "error": 0.02, "highs": {"Financial fraud": 0.9}, "reason": "Try it"}
    values["taxonomy_version"] = make_taxonomy_version()
    return ActingPolicy.objects.create(version=version, **values | overrides)


def make_evaluation(version: ModelVersion, part: str = "served", **overrides: Any) -> Evaluation:
    values: dict[str, Any] = {"snapshot": version.snapshot, "figures": make_figures()}
    values["taxonomy_version"] = make_taxonomy_version()
    return Evaluation.objects.create(version=version, part=part, **values | overrides)


def make_outcomes(
    reports: Sequence[Incident], truths: Sequence[Path], said: Sequence[Path], confidence: float = 0.8
) -> dict[str, Any]:
    """What `Evaluation.outcomes` keeps of these reports, where each is of one path and one is decided."""
    paths = list({path.pk: path for path in (*truths, *said)}.values())
    place = {path.pk: index for index, path in enumerate(paths)}
    results = [Classification(np.zeros(len(paths), np.float32), (place[path.pk],), confidence) for path in said]
    labels = [LabelPath(path.category_names, path.sub_category_name) for path in paths]
    ids, true = [one.pk for one in reports], [(place[path.pk],) for path in truths]
    return Outcomes.of(ids, results, true, labels).to_json()


def make_run(**overrides: Any) -> TrainingRun:
    """A training that waits; `status` and the progress columns say more."""
    values: dict[str, Any] = {"base_model": "small-scratch"}
    if "snapshot" not in overrides:
        values["snapshot"] = make_snapshot()
    return TrainingRun.objects.create(**values | overrides)


def make_promotion(version: ModelVersion | None = None, **overrides: Any) -> Promotion:
    """The move that put a version (a new champion when None) in charge, an hour ago."""
    version = version or make_version(stage="champion")
    values: dict[str, Any] = {"action": "first", "created_at": timezone.now() - timedelta(hours=1)}
    return Promotion.objects.create(version=version, **values | overrides)


def make_drift_look(promotion: Promotion, readings: Sequence[Prediction] = (), **overrides: Any) -> DriftLook:
    """A look at these readings, at which nothing fired."""
    DriftReference.objects.get_or_create(version=promotion.version, defaults={"path_ids": [], "confidences": []})
    numbers = [one.pk for one in readings]
    quiet = {"statistic": 0.01, "p": 0.5}
    values: dict[str, Any] = {
        "number": DriftLook.objects.filter(promotion=promotion).count() + 1,
        "first_prediction": min(numbers, default=0),
        "last_prediction": max(numbers, default=0),
        "reports": len(numbers),
        "tests": {"text": quiet, "prediction": quiet, "abstention": quiet},
        "unsure": 0.1,
    }
    return DriftLook.objects.create(promotion=promotion, **values | overrides)
