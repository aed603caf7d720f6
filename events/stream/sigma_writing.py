"""Writes Sigma rules whose values match literally, whatever signs a name or a log line holds."""

from typing import Any

import re2
import yaml

from events.stream.sigma import OURS
from events.stream.sigma_patterns import escaped
from events.stream.sigma_yaml import read_yaml

Selection = dict[str, Any]

WILD = "<*>"  # a value in a log template


def literal(field: str, text: str) -> Selection:
    """Holds where a field is that text exactly."""
    return {f"{field}|cased": escaped(text)}


def beginning(field: str, text: str) -> Selection:
    return {f"{field}|startswith|cased": escaped(text)}


def of_template(template: str, *, whole: bool) -> Selection | None:
    """Holds for messages of a log template; None for a template that any message has. `whole`: it was not cut.

    Templates have one space where messages may have more, and a value holds no space.
    """
    words = template.removesuffix("<").removesuffix("<*").split()
    if not any(word.replace(WILD, "") for word in words):
        return None
    patterns = [r"\S*".join(map(re2.escape, word.split(WILD))) for word in words]
    return {"message|re|s": r"^\s*" + r"\s+".join(patterns) + (r"\s*$" if whole else "")}


def rule_text(title: str, source: str, selections: dict[str, Selection]) -> str:
    """A rule for events of a source that fit all selections."""
    detection = {**selections, "condition": " and ".join(selections)}
    return _dumped({"title": title, "logsource": _of(source), "detection": detection})


def narrowed(text: str, title: str, source: str, selections: dict[str, Selection]) -> str:
    """A rule for those events of a source that meet another rule and fit all selections as well.

    Names of selections begin with _, so that "1 of them" in the other rule does not mean them.
    """
    detection = dict(read_yaml(text)["detection"])
    free = {_free(name, detection): selection for name, selection in selections.items()}
    condition = " and ".join([*free, f"({detection.pop('condition')})"])
    return _dumped(
        {"title": title, "logsource": _of(source), "detection": {**free, **detection, "condition": condition}}
    )


def _free(name: str, taken: dict[str, Any]) -> str:
    free = f"_{name}"
    while free in taken:
        free = f"_{free}"
    return free


def _of(source: str) -> dict[str, str]:
    return {"product": OURS, "service": source}


def _dumped(rule: dict[str, Any]) -> str:
    return yaml.safe_dump(rule, sort_keys=False, allow_unicode=True, width=1000)
