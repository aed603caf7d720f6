"""One JSON object a line on standard error: ids, kinds, seconds; never a report's text or a private address."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from workers.errors import sentence

# Addresses whose ending is a secret: a reporter's receipt, a new password.
PRIVATE = re.compile(r"(/r/|/key/)\S+")


def configure() -> None:
    """Set up structlog and the standard library's root logger alike. Safe to call twice."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_message,
        without_private_address,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    rendering: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(),
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared], processors=rendering
        )
    )
    handler.set_name("caseloop")
    root = logging.getLogger()
    root.handlers = [other for other in root.handlers if other.get_name() != "caseloop"]
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def without_message(_: Any, __: str, event: EventDict) -> MutableMapping[str, Any]:
    """A traceback becomes one sentence: the message of a foreign error may quote the report it choked on."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["error"] = sentence(error)
    return event


def without_private_address(_: Any, __: str, event: EventDict) -> MutableMapping[str, Any]:
    """Django names the address that was not found or failed; what follows `/r/` and `/key/` opens somebody's page."""
    event["event"] = PRIVATE.sub(r"\1…", str(event["event"]))
    return event
