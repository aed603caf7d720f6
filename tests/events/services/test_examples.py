import json

import pytest

from events.models import TrainingExample
from events.services.examples import (
    EXAMPLES_OF_A_VERDICT,
    LONGEST_PROMPT,
    add_verdict_examples,
    group_of,
    import_examples,
    prompt_of_event,
    restore_examples,
    retract_examples,
)
from events.stream.prompts import prompt, prompt_of
from tests.events.services.threats import as_lines, pairs
from tests.events.services.unsaved import event

pytestmark = pytest.mark.django_db
PAIR = {"prompt": "Log entry: disk full\nIs this a threat?", "completion": " Normal"}


def standing() -> list[TrainingExample]:
    return list(TrainingExample.objects.filter(retracted_at=None).order_by("pk"))


def test_pairs_in_the_format_of_the_reference_become_examples() -> None:
    report = import_examples(as_lines(pairs(hosts=2)))
    assert (report.added, report.duplicates, report.refused, report.lines) == (12, 0, [], 12)
    example = standing()[0]
    assert (example.prompt, example.completion, example.origin) == (pairs()[0]["prompt"], "Threat", "import")


def test_the_same_pair_comes_once() -> None:
    import_examples(as_lines([PAIR]))
    report = import_examples(as_lines([PAIR, PAIR, PAIR | {"prompt": "another"}]))
    assert (report.added, report.duplicates) == (1, 2)
    assert len(standing()) == 2


@pytest.mark.parametrize("completion", ["Threat", " threat", "THREAT\n", "  Threat  "])
def test_completions_are_read_whatever_their_case_and_spaces(completion: str) -> None:
    import_examples(as_lines([PAIR | {"completion": completion}]))
    assert standing()[0].completion == "Threat"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"prompt": "x", "completion": " Thr', "no JSON"),
        (b"\xff\xfe{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'["x"]', "lacks"),
        (b'{"prompt": "x"}', "lacks"),
        (b'{"prompt": 3, "completion": " Threat"}', "lacks"),
        (b'{"prompt": "  ", "completion": " Threat"}', "empty"),
        (b'{"prompt": "x", "completion": " Maybe"}', "neither"),
        (b'{"prompt": "x", "completion": "not a Threat"}', "neither"),
        (json.dumps({"prompt": "x" * (LONGEST_PROMPT + 1), "completion": "Threat"}).encode(), "longer"),
    ],
)
def test_a_line_that_is_no_example_is_refused_with_its_number_and_reason(line: bytes, said: str) -> None:
    report = import_examples([b"\n", line, *as_lines([PAIR])])
    ((refused),) = report.refused
    assert refused.line == 2 and said in refused.reason
    assert (report.added, len(standing())) == (1, 1)


def test_a_prompt_that_no_database_could_hold_is_made_to_fit() -> None:
    import_examples([b'{"prompt": "a\\u0000b\\ud800", "completion": "Normal"}'])
    assert standing()[0].prompt == "a b?"


def test_log_entries_that_differ_in_values_alone_are_one_group() -> None:
    one = prompt("Failed password for root from 10.0.0.1 port 22", "unusual", 0.7)
    other = prompt("failed password for root from 192.168.7.9 port 40111", "extreme", 1.0)
    assert group_of(one) == group_of(other) != group_of(prompt("Accepted password for root", "unusual", 0.7))


def test_a_verdict_makes_one_example_of_each_different_prompt() -> None:
    events = [event("door 1 opened"), event("door 1 opened"), event("door 2 opened")]
    assert add_verdict_examples(7, events, "Threat") == 2
    assert [(one.label_id, one.completion, one.origin) for one in standing()] == [(7, "Threat", "verdict")] * 2


def test_a_verdict_that_is_applied_twice_adds_nothing() -> None:
    for _ in range(2):
        add_verdict_examples(7, [event("door opened")], "Threat")
    assert len(standing()) == 1


def test_a_verdict_on_very_many_events_is_not_all_that_is_learnt() -> None:
    events = (event(f"door {number} opened") for number in range(5_000))
    assert add_verdict_examples(7, events, "Normal") == EXAMPLES_OF_A_VERDICT
    assert len(list(events)) > 4_000  # the others were not even read


def test_an_undone_verdict_takes_its_examples_out_and_a_restored_one_brings_them_back() -> None:
    add_verdict_examples(7, [event("door opened")], "Threat")
    add_verdict_examples(8, [event("door opened")], "Normal")
    assert retract_examples(7) == 1 and retract_examples(7) == 0
    assert [one.label_id for one in standing()] == [8]
    assert restore_examples(7) == 1
    assert len(standing()) == 2
    retract_examples(7)
    add_verdict_examples(7, [event("door opened")], "Threat")
    assert len(standing()) == 2


def test_what_is_learnt_of_an_event_reads_like_what_is_judged_of_it() -> None:
    stored = event("Failed login", percentile=99.8)
    assert prompt_of_event(stored) == prompt_of(stored.fields, 2)
