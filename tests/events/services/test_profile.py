"""Profiles of sources and files."""

import json

import numpy as np
import pytest

from events.services import detectors
from events.services.profile import profile_lines, profile_source
from events.stream.event import Line
from events.stream.formats import UnknownFormat
from tests.events.builders import make_events, make_source
from tests.events.streams import lines, session


@pytest.mark.django_db
def test_a_source_is_told_from_its_newest_events() -> None:
    detectors.forget()
    source = make_source("web")
    make_events(source, np.zeros((6, 1)), ["bytes"], fields=[{"bytes": number} for number in range(6)])
    make_events(make_source(), np.zeros((2, 1)), ["bytes"], fields={"other": 1})
    profile = profile_source(source, sample=4)
    assert (profile.name, profile.events, profile.examined, profile.refused) == ("web", 6, 4, 0)
    assert [(one.name, one.quantiles["min"]) for one in profile.fields] == [("bytes", 2.0)]
    assert profile.filters is not None
    assert profile.filters.examined == 6
    assert profile.clusters is not None
    assert "clusters need" in profile.clusters.problem
    assert json.loads(json.dumps(profile.to_json()))["events"] == 6


@pytest.mark.django_db
def test_a_source_without_events_has_an_empty_profile() -> None:
    detectors.forget()
    profile = profile_source(make_source())
    assert (profile.events, profile.fields) == (0, ())


def test_a_file_is_read_whole_and_broken_lines_are_counted() -> None:
    sent = lines([*(session(bytes=number) for number in range(300)), b'{"cut', session(bytes=None)])
    sent.append(Line(b"{}", "test", 1000, left_out=5))
    profile = profile_lines(sent, "f.log")
    assert (profile.format, profile.events, profile.examined, profile.refused) == ("json", 301, 301, 2)
    (found,) = (one for one in profile.fields if one.name == "bytes")
    assert (found.missing, found.quantiles["median"]) == (1, 149.5)
    assert (profile.filters, profile.clusters) == (None, None)


def test_a_large_file_is_told_from_a_fair_draw_the_same_each_time() -> None:
    sent = lines(session(bytes=number) for number in range(2_000))
    one, again = (profile_lines(sent, "f", sample=200) for _ in range(2))
    assert one == again
    assert (one.events, one.examined) == (2_000, 200)
    (found,) = (field for field in one.fields if field.name == "bytes")
    assert 800 < found.quantiles["median"] < 1_200


def test_a_format_that_cannot_be_told_is_an_error() -> None:
    with pytest.raises(UnknownFormat, match="Name the format"):
        profile_lines([], "f")
