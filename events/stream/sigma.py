"""Sigma rules (sigmahq.io), compiled to functions of one event's fields.

The common subset: logsource; selections as maps or lists of maps; plain values with * and ?, null, lists; the modifiers
contains, startswith, endswith, all, cased, re, cidr, exists, lt, lte, gt, gte; conditions with and, or, not, "1 of",
"all of". Whatever is beyond is refused with a reason, never half understood. pySigma converts rules into queries and
brings an HTTP client with it; matching in a worker needs neither.

Every test is on a field, under its canonical name or the one that the rule uses. Words without a field are refused: an
attacker could place them anywhere in an event. `logsource: {product: caseloop, service: NAME}` binds a rule to the
source of that name; other log sources say to people what a rule is about, and do not select events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from events.stream.sigma_condition import condition_test
from events.stream.sigma_errors import InvalidRule, UnsupportedRule
from events.stream.sigma_predicates import Fields, Predicate, every, some
from events.stream.sigma_values import field_test
from events.stream.sigma_yaml import read_yaml

__all__ = ["InvalidRule", "Rule", "UnsupportedRule", "compile_rule"]

OURS = "caseloop"
BEYOND = {
    "correlation": "A correlation rule looks at several events, which is not supported. Give the rules that it joins.",
    "action": "A collection of rules (“action: ...”) is not supported. Give each rule by itself.",
    "filter": "A Sigma filter that changes other rules is not supported. Write its condition as a rule of its own.",
    "timeframe": "“timeframe” is not supported: a rule looks at one event. Remove it; the source's “k of n” counts.",
}


@dataclass(frozen=True)
class Rule:
    title: str
    logsource: Mapping[str, str]
    predicate: Predicate

    def matches(self, fields: Fields) -> bool:
        return self.predicate.check(fields)

    @property
    def source(self) -> str | None:
        """The name of the only source that it is about."""
        return self.logsource.get("service") if self.is_ours else None

    @property
    def is_ours(self) -> bool:
        """Whether its logsource is about sources of this system, not about a product's logs."""
        return self.logsource.get("product") == OURS


def compile_rule(text: str) -> Rule:
    """Raises InvalidRule or UnsupportedRule with a sentence that says what to do."""
    read = read_yaml(text)
    for key in ("correlation", "action", "filter"):
        if key in read:
            raise UnsupportedRule(BEYOND[key])
    return Rule(_title(read), _logsource(read), _detection(read))


def _title(read: Mapping[str, Any]) -> str:
    title = read.get("title")
    if not isinstance(title, str) or not title.strip():
        raise InvalidRule("The rule has no title. Add “title: ...”, a few words.")
    return title.strip()


def _logsource(read: Mapping[str, Any]) -> dict[str, str]:
    given = read.get("logsource")
    if not isinstance(given, dict) or not given:
        raise InvalidRule("The rule has no logsource. Add “logsource:” with “product: caseloop” below it.")
    if odd := next((key for key, value in given.items() if not isinstance(value, str)), None):
        raise InvalidRule(f"logsource: “{odd}” has to be a text.")
    if given.get("product") == OURS and "category" in given:
        raise UnsupportedRule("logsource: sources of caseloop have no category. Name the source as service instead.")
    return {str(key): value for key, value in given.items()}


def _detection(read: Mapping[str, Any]) -> Predicate:
    detection = read.get("detection")
    if not isinstance(detection, dict):
        raise InvalidRule("The rule has no detection. Add “detection:” with selections and a condition below it.")
    if "timeframe" in detection:
        raise UnsupportedRule(BEYOND["timeframe"])
    condition = detection.get("condition")
    if isinstance(condition, list):
        raise UnsupportedRule("A list of conditions is not supported. Join them by “or” in one line.")
    if not isinstance(condition, str) or not condition.strip():
        raise InvalidRule("The detection has no condition. Add “condition: ...” with the names of selections.")
    selections = {name: _selection(name, body) for name, body in detection.items() if name != "condition"}
    return condition_test(condition, selections)


def _selection(name: str, body: Any) -> Predicate:
    if isinstance(body, dict):
        if not body:
            raise InvalidRule(f"The selection “{name}” is empty, so it would match everything. Add a field.")
        return every([field_test(str(key), value) for key, value in body.items()])
    if isinstance(body, list) and body and all(isinstance(one, dict) for one in body):
        return some([_selection(name, one) for one in body])
    raise UnsupportedRule(
        f"The selection “{name}” has words without a field, which anybody who writes into an event could place there. "
        "Name the field: “message|contains: ...”."
    )
