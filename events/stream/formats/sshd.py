"""What the OpenSSH server says in its messages: who, from where, and how it ended.

User names are chosen by whoever connects and may hold ` from 10.0.0.1 port 22`. So each pattern reaches to the end of
the message, and where the address stands behind the name, the last one counts.
"""

import re
from dataclasses import dataclass
from typing import Any

LONGEST = 1000  # characters; sshd writes no longer ones
IP4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")

_PORT = r"(?: port (?P<port>\d{1,5}))?"
_FROM = rf" from (?P<ip>\S{{1,255}}){_PORT}"
_END = r"(?: ssh2)?(?:: .{0,200})?(?: \[preauth\])?$"
_WHO = r"(?:invalid user |authenticating user |user )?(?P<user>.*"
_PEER = rf"(?:{_WHO}) )?(?P<ip>[0-9a-fA-F:.]{{2,45}}){_PORT}"
_RHOST = r".*? rhost=(?P<ip>\S*)(?:\s+user=(?P<user>.*))?$"
_REPEATED = re.compile(r"message repeated \d{1,9} times: \[ (.*)\]$")


@dataclass(frozen=True)
class Saying:
    """A message that begins so, what it tells, and a pattern for its rest."""

    beginning: str
    action: str
    outcome: str
    rest: re.Pattern[str]


SAYINGS = tuple(
    Saying(beginning, f"ssh_{action}", outcome, re.compile(rest))
    for beginning, action, outcome, rest in (
        ("Accepted ", "login", "success", rf"\S+ for (?P<user>.*){_FROM}{_END}"),
        ("Failed ", "login", "failure", rf"\S+ for (?:invalid user )?(?P<user>.*){_FROM}{_END}"),
        ("Invalid user ", "invalid_user", "failure", rf"(?P<user>.*){_FROM}{_END}"),
        ("Illegal user ", "invalid_user", "failure", rf"(?P<user>.*){_FROM}{_END}"),
        ("input_userauth_request: invalid user ", "invalid_user", "failure", rf"(?P<user>.*?){_END}"),
        ("User ", "refused", "failure", rf"(?P<user>.*){_FROM} not allowed because .*$"),
        (
            "maximum authentication attempts exceeded for ",
            "too_many_failures",
            "failure",
            rf"(?:invalid user )?(?P<user>.*){_FROM}{_END}",
        ),
        ("Disconnecting: Too many authentication failures for ", "too_many_failures", "failure", rf"{_WHO}?){_END}"),
        ("Disconnecting ", "too_many_failures", "failure", rf"{_PEER}: Too many .*$"),
        ("pam_unix(sshd:auth): authentication failure;", "pam_failure", "failure", _RHOST),
        ("PAM ", "pam_failure", "failure", rf"\d+ more authentication failures?;{_RHOST}"),
        ("pam_unix(sshd:auth): check pass; user unknown", "pam_failure", "failure", "$"),
        (
            "pam_unix(sshd:session): session opened for user ",
            "session_opened",
            "success",
            r"(?P<user>.*?)(?:\(uid=\d+\))? by .*$",
        ),
        ("pam_unix(sshd:session): session closed for user ", "session_closed", "success", "(?P<user>.*)$"),
        (
            "reverse mapping checking getaddrinfo for ",
            "reverse_mapping",
            "failure",
            r"(?P<domain>\S+) \[(?P<ip>[^\]]+)\] failed.*$",
        ),
        ("Address ", "reverse_mapping", "failure", r"(?P<ip>\S+) maps to (?P<domain>\S+), but .*$"),
        ("Did not receive identification string", "no_identification", "failure", rf"{_FROM}$"),
        ("Unable to negotiate with ", "no_negotiation", "failure", rf"(?P<ip>\S+){_PORT}:.*$"),
        ("Received disconnect", "disconnect", "", rf"{_FROM}:.*$"),
        ("Disconnected from ", "disconnect", "", rf"{_PEER}{_END}"),
        ("Connection closed by ", "connection_closed", "", rf"{_PEER}{_END}"),
        ("Connection reset by ", "connection_closed", "", rf"{_PEER}{_END}"),
        ("Connection from ", "connection", "", rf"(?P<ip>\S+){_PORT}.*$"),
    )
)
_BY_WORD: dict[str, list[Saying]] = {}
for _saying in SAYINGS:
    _BY_WORD.setdefault(_saying.beginning.partition(" ")[0], []).append(_saying)


def fields_of(message: str) -> dict[str, Any]:
    """Canonical fields that a message of sshd names; none for one that is not known."""
    if len(message) > LONGEST:
        return {}
    if repeated := _REPEATED.match(message):
        message = repeated[1]
    message = message.removeprefix("error: ").removeprefix("fatal: ")
    for saying in _BY_WORD.get(message.partition(" ")[0], ()):
        if message.startswith(saying.beginning):
            found = saying.rest.match(message, len(saying.beginning))
            return _named(saying, found.groupdict()) if found else {}
    return {}


def _named(saying: Saying, found: dict[str, str | None]) -> dict[str, Any]:
    fields = {"event.action": saying.action}
    if saying.outcome:
        fields |= {"event.outcome": saying.outcome, "event.category": "authentication"}
    if address := found.get("ip"):
        fields["source.ip" if ":" in address or IP4.fullmatch(address) else "source.domain"] = address
    if domain := found.get("domain"):
        fields["source.domain"] = domain
    if port := found.get("port"):
        fields["source.port"] = port
    if user := (found.get("user") or "").strip():
        fields["user.name"] = user
    return fields
