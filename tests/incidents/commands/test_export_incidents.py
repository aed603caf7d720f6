import json

import pytest
from django.core.management import CommandError, call_command

from tests.builders import make_decided, make_incident, make_path

pytestmark = pytest.mark.django_db


def export(*args):
    return call_command("export_incidents", *map(str, args))


def test_a_query_chooses_the_reports(tmp_path):
    make_decided(make_path("Fraud"))
    make_incident()
    export(tmp_path / "all.jsonl", "--format", "jsonl")
    export(tmp_path / "decided.jsonl", "--format", "jsonl", "--query", "?status=decided")
    lines = (tmp_path / "decided.jsonl").read_text().splitlines()
    assert [json.loads(line)["category"] for line in lines] == ["Fraud"]
    assert len((tmp_path / "all.jsonl").read_text().splitlines()) == 2


def test_an_unknown_filter_is_a_wrong_usage_and_writes_nothing(tmp_path):
    with pytest.raises(CommandError, match="there is no filter colour"):
        export(tmp_path / "out.csv", "--query", "colour=red")
    with pytest.raises(CommandError, match="There is no such source"):
        export(tmp_path / "out.csv", "--query", "source=mars")
    assert not list(tmp_path.iterdir())
