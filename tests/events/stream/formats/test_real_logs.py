"""Published logs, read whole."""

import csv
from collections import Counter

from django.conf import settings

from events.stream.formats import detect_format, open_reader
from tests.conftest import not_here


def file_of(*parts):
    file = settings.CASELOOP_DATA.joinpath(*parts)
    if not file.exists():
        not_here(f"{file} is missing: set CASELOOP_DATA")
    return file


def test_a_brute_force_attack_on_sshd_names_its_addresses():
    with file_of("loghub", "OpenSSH_2k.log_structured.csv").open(encoding="utf-8", newline="") as file:
        lines = [
            f"{row['Date']} {row['Day']} {row['Time']} {row['Component']} sshd[{row['Pid']}]: {row['Content']}".encode()
            for row in csv.DictReader(file)
        ]
    assert detect_format(lines) == "syslog"
    reader = open_reader("syslog")
    readings = [reader.read(line) for line in lines]
    assert len(readings) == 2000
    assert all(reading.at is not None and not reading.problems for reading in readings)
    actions = Counter(reading.fields.get("event.action") for reading in readings)
    assert actions[None] == 8
    kinds = Counter(reading.entity_kind for reading in readings)
    assert kinds["source.ip"] > 1700
    assert Counter(reading.entity for reading in readings).most_common(1)[0][0] == "183.62.140.253"


def test_network_connections_are_read_by_a_header_made_of_their_field_names():
    names = [line.split(",")[0] for line in file_of("nsl_kdd", "field_names.csv").read_text().split()]
    lines = file_of("nsl_kdd", "KDDTest+.txt").read_bytes().splitlines()[:3000]
    reader = open_reader("csv", header=",".join([*names, "attack", "difficulty"]))
    readings = [reader.read(line) for line in lines]
    assert {len(reading.numbers) for reading in readings} == {39}
    assert {tuple(reading.categories) for reading in readings} == {
        ("network.transport", "service.name", "flag", "attack")
    }
    assert not any(reading.problems for reading in readings)
    first = readings[0]
    assert (first.numbers["dst_host_count"], first.categories["attack"]) == (255.0, "neptune")


def test_a_supercomputers_log_is_read_as_csv():
    lines = file_of("loghub", "BGL_2k.log_structured.csv").read_bytes().splitlines()
    assert detect_format(lines) == "csv"
    reader = open_reader("csv")
    readings = [reading for line in lines if (reading := reader.read(line)) is not None]
    assert len(readings) == 2000
    assert {reading.entity_kind for reading in readings} == {"host.name"}
    assert all(reading.at and reading.message and not reading.given_id for reading in readings)
