"""Sigma's YAML, read strictly: what a person sees in the text is what the rule says.

Plain values follow the core schema of YAML 1.2, so that `no`, `010`, `12:30` and `2024-01-01` stay the words that they
are. Aliases, tags, merges and repeated keys are refused: they hide a rule's meaning, or blow it up.
"""

import re
from typing import Any

import yaml

from events.stream.sigma_errors import InvalidRule

MOST_BYTES = 64 * 1024
DEEPEST = 12  # a rule of the public collections needs 5
LONGEST_NUMBER = 100

_PLAIN = (
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("tag:yaml.org,2002:int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    ("tag:yaml.org,2002:float", r"[-+]?(?:[0-9]+\.[0-9]+)(?:[eE][-+]?[0-9]+)?", list("-+0123456789")),
)


class _Reader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise InvalidRule(
                f"Line {_line(event)}: write the value out; references such as *{event.anchor} are refused."
            )
        if getattr(event, "tag", None):
            raise InvalidRule(f"Line {_line(event)}: remove the tag {event.tag}; a rule has plain values only.")
        if self.depth >= DEEPEST:
            raise InvalidRule(f"Line {_line(event)}: the rule is nested deeper than {DEEPEST} levels. Flatten it.")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _tag, _pattern, _first in _PLAIN:
    _Reader.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})\Z"), _first)


def read_yaml(text: str) -> dict[str, Any]:
    """The mapping that a text holds. Raises InvalidRule."""
    if len(_encoded(text)) > MOST_BYTES:
        raise InvalidRule(f"The rule is longer than {MOST_BYTES // 1024} kB. Divide it into several.")
    try:
        node = _Reader(text).get_single_node()
    except yaml.YAMLError as error:
        raise InvalidRule(_sentence(error)) from error
    read = _value(node) if node is not None else None
    if not isinstance(read, dict):
        raise InvalidRule("A rule is a YAML mapping with title, logsource and detection. Begin with “title: ...”.")
    return read


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidRule("The rule holds characters that are no valid Unicode. Save it as UTF-8.") from error


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(one) for one in node.value]
    return _scalar(node.tag.rsplit(":", 1)[-1], node.value, node)


def _mapping(node: yaml.MappingNode) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise InvalidRule(f"Line {_line(key_node)}: a key has to be one word or name.")
        if key_node.value in read:
            raise InvalidRule(f"Line {_line(key_node)}: “{key_node.value[:80]}” stands there twice. Keep one of them.")
        read[key_node.value] = _value(value_node)
    return read


def _scalar(kind: str, text: str, node: yaml.Node) -> str | int | float | bool | None:
    if kind in {"int", "float"} and len(text) > LONGEST_NUMBER:
        raise InvalidRule(f"Line {_line(node)}: the number is too long. Quote it if it is a text.")
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return int(text)
    return float(text) if kind == "float" else text


def _line(part: Any) -> int:
    return int(part.start_mark.line) + 1


def _sentence(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return "The text holds control characters, which YAML does not allow. Remove them."
    problem = str(getattr(error, "problem", "") or "it cannot be read")
    if "another document" in problem:
        return f"Line {mark.line + 1}: a second document begins here. Give one rule at a time."
    return f"Line {mark.line + 1}: this is not valid YAML ({problem}). Look at the indents, colons and quotes there."
