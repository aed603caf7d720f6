"""A published set of real threat-report sentences, imported whole."""

import csv

import pytest
from django.conf import settings

from classifier.ml.taxonomy import category_text, sub_category_text
from incidents.models import Incident
from incidents.services.importing import ImportOptions, import_file
from incidents.services.taxonomy import Created, stored_paths
from incidents.texts import clean_text
from tests.conftest import not_here

pytestmark = pytest.mark.django_db


@pytest.fixture
def sentences():
    file = settings.CASELOOP_DATA / "tram" / "sentences.csv"
    if not file.exists():
        not_here(f"{file} is missing: set CASELOOP_DATA")
    return file


def labels_by_text():
    names = {key: path for path, key in stored_paths().items()}
    paths = {}
    for text, path_id in Incident.objects.values_list("current_text__text", "current_label__paths"):
        paths.setdefault(text, []).append(names[path_id])
    return {text: (category_text(found), sub_category_text(found)) for text, found in paths.items()}


def test_all_sentences_are_taken_and_every_label_comes_out_as_it_went_in(sentences):
    result = import_file(sentences, ImportOptions(create_labels=True, group_column="document"))
    assert (result.rows, result.taken, result.merged, result.refused) == (3975, 3975, 0, 0)
    assert result.labels_created == Created(categories=12, sub_categories=50, paths=50)
    with sentences.open(encoding="utf-8", newline="") as file:
        went_in = {clean_text(row["text"]): (row["category"], row["sub_category"]) for row in csv.DictReader(file)}
    assert labels_by_text() == went_in
    assert len(set(Incident.objects.values_list("document", "split"))) == 122
