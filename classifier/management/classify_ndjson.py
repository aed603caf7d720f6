"""Classifying a stream of JSON objects, one a line: an answer for each line, in order, as soon as it can be had."""

import json
from dataclasses import asdict
from typing import Any, TextIO

from django.core.exceptions import ValidationError

from classifier.management.results import Answered
from classifier.management.sources import LONGEST_LINE, Source, arrived_lines
from classifier.services.answers import Answer, Answerer
from incidents.texts import clean_text, clean_title, training_text

MOST = 64  # lines answered together


class BadLine(ValueError):
    """A line that is no report; the message says what to send."""


def classify_ndjson(source: Source, out: TextIO, answerer: Answerer) -> Answered:
    """Answer line by line. Blank lines are passed over.

    Lines that have arrived together are classified together; nothing waits for more input. An `id` comes back.
    """
    answered = Answered()
    for lines in arrived_lines(source, MOST):
        replies = _replies([line for line in lines if line is None or line.strip()], answerer)
        out.writelines(json.dumps(reply, ensure_ascii=False) + "\n" for reply in replies)
        out.flush()
        answered.add(len(replies), sum("error" in reply for reply in replies))
    return answered


def _replies(lines: list[bytes | None], answerer: Answerer) -> list[dict[str, Any]]:
    replies: list[dict[str, Any]] = []
    texts: dict[int, str] = {}
    for number, line in enumerate(lines):
        reply: dict[str, Any] = {}
        try:
            texts[number] = _text(line, reply)
        except BadLine as error:
            reply["error"] = str(error)
        replies.append(reply)
    for number, answer in zip(texts, answerer.answers(list(texts.values())), strict=True):
        replies[number] |= _told(answer)
    return replies


def _text(line: bytes | None, reply: dict[str, Any]) -> str:
    """The line's report as a model reads it; its `id` is put into the reply, also when the report is not taken."""
    if line is None:
        raise BadLine(f"the line has more than {LONGEST_LINE:,} bytes")
    try:
        report = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine('the line is no JSON in UTF-8; send an object such as {"text": "..."}') from error
    if not isinstance(report, dict) or not isinstance(report.get("text"), str):
        raise BadLine('the line has no text; send an object such as {"text": "..."}')
    if "id" in report:
        reply["id"] = report["id"]
    try:
        return training_text(clean_title(str(report.get("title") or "")), clean_text(report["text"]))
    except ValidationError as error:
        raise BadLine(" ".join(error.messages)) from error


def _told(answer: Answer) -> dict[str, Any]:
    return asdict(answer) | {"confidence": round(answer.confidence, 4)}
