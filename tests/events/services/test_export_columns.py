"""Exported columns: the reference's by name and order, cells that no spreadsheet runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.cells import FORMULA, safe
from events.models import EventSource, FeatureSet
from events.services.export_columns import REFERENCE_FIELDS, Columns
from events.stream.features import feature_names

REFERENCE_COLUMNS = (
    "user_id,login_attempts,failed_login_attempts,session_duration,data_transferred,access_sensitive_files,log_text,"
    "anomaly,anomaly_score,anomaly_label,classification,login_attempts_agg,failed_login_attempts_agg,"
    "session_duration_agg,data_transferred_agg,access_sensitive_files_agg,count,threat_detection"
)


def columns_of(*numbers: str) -> Columns:
    return Columns.of([EventSource(numbers=list(numbers))], [FeatureSet(names=list(feature_names(numbers, [])))])


def test_a_source_of_the_reference_has_its_columns_in_its_order() -> None:
    header = columns_of(*reversed(REFERENCE_FIELDS)).header
    assert header[:18] == REFERENCE_COLUMNS.split(",")


def test_every_feature_has_one_column() -> None:
    header = columns_of("bytes", "count").header
    assert len(set(header)) == len(header)
    assert {"bytes", "bytes_agg", "bytes:z", "bytes:delta", "entity:rate", "template:rarity", "field:count"} <= {
        *header
    }


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", " =1", "'=1", '"=1', "\n@x", "＝1"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("cell", [-1, -0.5, 3, None, "", "a=1", "asha", '{"a": "=1"}'])
def test_numbers_and_plain_text_stay_as_they_are(cell: str | float | None) -> None:
    assert safe(cell) == cell


@given(st.text())
def test_no_text_begins_like_a_formula(text: str) -> None:
    cell = safe(text)
    assert isinstance(cell, str)
    assert not cell.startswith(FORMULA)
