"""Windows events by Winlogbeat and by evtx_dump."""

from events.stream.formats import open_reader
from tests.events.stream.formats.samples import readings_of


def test_winlogbeats_process_start():
    start, _ = readings_of("sysmon")
    assert (start.entity_kind, start.entity) == ("user.name", "CORP\\alice")
    assert start.fields["host.name"] == "WS01"
    assert start.fields["process.name"] == "whoami.exe"
    assert start.fields["process.command_line"] == "whoami /all"
    assert start.fields["file.hash.sha256"] == "cc33"
    assert start.message == "whoami /all"
    assert start.categories["event.code"] == "1"
    assert start.categories["process.name"] == "whoami.exe"
    assert start.categories["process.parent.name"] == "explorer.exe"
    assert start.given_id == ""


def test_evtx_dumps_failed_logon():
    _, logon = readings_of("sysmon")
    assert (logon.entity_kind, logon.entity) == ("user.name", "bob")
    assert logon.at == 1714557601.5
    assert logon.fields["source.ip"] == "10.0.0.9"
    assert logon.fields["host.name"] == "DC01.corp.example"
    assert logon.categories["event.code"] == "4625"
    assert logon.categories["winlog.logon.type"] == "3"
    assert logon.fields["winlog.channel"] == "Security"


def test_a_qualified_event_id_is_found_and_nobody_is_no_entity():
    reading = open_reader("sysmon").read(
        b'{"Event":{"System":{"EventID":{"#attributes":{"Qualifiers":0},"#text":4688},"Computer":"A"},'
        b'"EventData":{"TargetUserName":"-","SubjectUserName":"alice","NewProcessName":"C:\\\\a\\\\b.exe"}}}'
    )
    assert reading.categories["event.code"] == "4688"
    assert (reading.entity_kind, reading.entity) == ("winlog.event_data.SubjectUserName", "alice")
    assert reading.fields["process.name"] == "b.exe"


def test_odd_values_do_no_harm():
    reading = open_reader("sysmon").read(
        b'{"winlog":{"event_data":{"Image":["a"],"Hashes":"%s","ParentImage":7}}}' % (b"MD5=1," * 1000)
    )
    assert "file.hash.md5" not in reading.fields
    assert "process.name" not in reading.fields
