"""Sessions of the people of a small company, one JSON line an event, and the attacks that are planted among them."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

USERS = 60
QUIET = (
    *("User logged in", "User logged out", "Session started", "Session ended", "File opened", "File saved"),
    *("File closed", "Heartbeat message", "Backup completed", "Scheduled task completed", "Configuration updated"),
)
BUSY = (
    "User {user} opened report {n} of the quarter",
    "Mailbox of {user} synchronised, {n} new messages",
    "Document {n} was printed on the second floor",
    "Password of {user} accepted from {ip}",
    "Query over {n} rows finished for {user}",
    "Shared folder listed by {user}, {n} entries",
    "Meeting {n} was joined by {user}",
    "User {user} transferred {n} files to the archive",
)


@dataclass(frozen=True)
class Attack:
    """A few sessions of one person that are not their own doing: messages, and what becomes of the numbers."""

    name: str
    messages: tuple[str, ...]
    numbers: dict[str, tuple[float, float]]
    events: int = 8


ATTACKS = (
    Attack(
        "password guessing",
        ("Password of {user} refused from {ip}, attempt {n}", "Account {user} locked after {n} refused passwords"),
        {"login_attempts": (18, 45), "failed_login_attempts": (17, 44), "session_duration": (0, 2)},
    ),
    Attack(
        "exfiltration",
        ("Archive of {n} files was uploaded to an external host by {user}",),
        {"data_transferred": (60_000, 240_000), "session_duration": (200, 400), "access_sensitive_files": (1, 1)},
    ),
    Attack(
        "credential dumping",
        ("Process memory of lsass was read by tool-{n}.exe of {user}", "Shadow copy {n} was created by {user}"),
        {"access_sensitive_files": (1, 1), "data_transferred": (3_000, 9_000), "session_duration": (150, 300)},
        events=6,
    ),
)


@dataclass
class Company:
    """Makes events from a seed; the same seed and times give the same events."""

    seed: int
    rng: Random = field(init=False)
    _count: int = 0

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)  # noqa: S311 - samples, not secrets

    def ordinary(self, at: dt.datetime) -> dict[str, Any]:
        """One event of everyday work."""
        person = min(int(self.rng.expovariate(1 / 18)), USERS - 1)
        tempo = 0.6 + (person % 7) / 5
        template = self.rng.choice(QUIET) if self.rng.random() < 0.5 else self.rng.choice(BUSY)
        numbers = {
            "login_attempts": 1 + (self.rng.random() < 0.08),
            "failed_login_attempts": int(self.rng.random() < 0.06),
            "session_duration": round(self.rng.lognormvariate(3.2, 0.5) * tempo, 1),
            "data_transferred": round(self.rng.lognormvariate(4.6, 0.6) * tempo, 1),
            "access_sensitive_files": int(self.rng.random() < 0.03),
        }
        return self._event(at, person, template, numbers)

    def attack(self, attack: Attack, person: int, at: dt.datetime) -> dict[str, Any]:
        """One event of an attack on a person's account."""
        event = self._event(at, person, self.rng.choice(attack.messages), self.ordinary(at))
        for name, (low, high) in attack.numbers.items():
            event[name] = round(self.rng.uniform(low, high), 1) if high > 50 else self.rng.randint(int(low), int(high))
        return event | {"src_ip": f"203.0.113.{person % 250 + 1}", "country": "ZZ"}

    def _event(self, at: dt.datetime, person: int, template: str, numbers: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        user, ip = f"person{person:02}", f"10.0.{person // 20}.{person + 10}"
        names = ("login_attempts", "failed_login_attempts", "session_duration", "data_transferred")
        return {
            "timestamp": at.isoformat(timespec="milliseconds"),
            "id": f"{self.seed}-{self._count}-{int(at.timestamp() * 1000)}",
            "user": user,
            "src_ip": ip,
            "country": "DE" if person % 5 else "FR",
            **{name: numbers[name] for name in (*names, "access_sensitive_files")},
            "message": template.format(user=user, ip=ip, n=self.rng.randint(2, 900)),
        }


def history(until: dt.datetime, hours: float, count: int, seed: int = 7) -> Iterator[bytes]:
    """Everyday events of the hours before a moment, the oldest first."""
    company = Company(seed)
    start, step = until - dt.timedelta(hours=hours), dt.timedelta(hours=hours) / count
    for place in range(count):
        yield as_line(company.ordinary(start + place * step))


def as_line(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()
