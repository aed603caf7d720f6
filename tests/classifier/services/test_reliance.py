import numpy as np
import pytest

from classifier.ml.reliance import AUTO, CATEGORY, UNSURE, Reliance
from classifier.ml.results import Classification
from classifier.ml.taxonomy import LabelPath
from classifier.services.reliance import reliance_in_force
from incidents.models import Setting

FRAUD = LabelPath.of(["Fraud"], "Vishing")


def said(confidence, categories=("Fraud",), category_confidence=0.0):
    return Classification(np.array([1.0]), (0,), confidence, None, categories, category_confidence)


@pytest.mark.parametrize(
    ("result", "decision"),
    [
        (said(0.9), AUTO),
        (said(0.6, category_confidence=0.85), CATEGORY),
        (said(0.6, category_confidence=0.7), UNSURE),
        (said(0.6, ("Attack",), 0.85), UNSURE),  # another category than the decided path's
        (said(0.6, category_confidence=None), UNSURE),
    ],
)
def test_the_label_or_only_its_category_or_neither_is_relied_on(result, decision):
    assert Reliance(threshold=0.8, coverage=0.9).decision(result, [FRAUD]) == decision


@pytest.mark.django_db
@pytest.mark.parametrize(("cost", "threshold"), [(1, 0.0), (2, 0.5), (10, 0.9)])
def test_the_threshold_follows_from_what_a_wrong_label_costs(cost, threshold):
    Setting.objects.create(key="error_cost", value=cost)
    assert reliance_in_force().threshold == pytest.approx(threshold)
