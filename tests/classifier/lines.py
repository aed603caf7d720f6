"""Versions of other model lines than that of the reports."""

from typing import Any

from classifier.ml.artifact import CLASSIFIER, Manifest, write_artifact
from classifier.models import ModelVersion
from classifier.models.version import DETECT
from tests.builders import make_evaluation, make_figures, make_snapshot, make_version

SSHD = "anomaly:sshd"
FIGURES = {"events": 5000, "features": 14, "threshold": 0.6123, "alert_rate": 0.0101, "ks": 0.04, "seconds": 1.5}


def make_detector(name: str = "", figures: dict[str, Any] | None = FIGURES, **overrides: Any) -> ModelVersion:
    """A detector of the source sshd with the figures of its fit, and a folder that reads as an artefact."""
    values = {"line": SSHD, "base_model": "isolation-forest", "t5_weight": 0.0, "encoder_hash": ""}
    version = _with_artefact(make_version(**values | ({"name": name} if name else {}) | overrides))
    if figures is not None:
        make_evaluation(version, figures=figures)
    return version


def make_threat_version(**overrides: Any) -> ModelVersion:
    """A detection model with figures, and a folder that reads as an artefact."""
    snapshot = make_snapshot(path_ids=[])
    version = _with_artefact(make_version(**{"line": DETECT, "base_model": "none", "snapshot": snapshot} | overrides))
    classes = [{"label": "", "precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 200}]
    alone = {"accuracy": 1.0, "macro_f1": 1.0, "classes": classes}
    make_evaluation(version, figures=make_figures(0.9, sub_category=alone))
    return version


def _with_artefact(version: ModelVersion) -> ModelVersion:
    write_artifact(version.artefact, Manifest(CLASSIFIER, (), "none", "", "", {}), lambda folder: None)
    return version
