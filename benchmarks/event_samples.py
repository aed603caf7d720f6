"""Synthetic events in the reference's seven columns: users, messages of which half are known phrases, and attacks."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import orjson

NUMBERS = ("login_attempts", "failed_login_attempts", "session_duration", "data_transferred", "access_sensitive_files")
COLUMNS = ("user_id", *NUMBERS, "log_text")
# What the reference drops: half of all messages are one of these, word for word.
PHRASES = (
    "Login successful", "System update", "User logged in", "User logged out", "System rebooted", "File saved",
    "File opened", "File closed", "Session ended", "Session started", "Heartbeat message", "Backup completed",
    "Scheduled task completed", "Configuration updated",
)  # fmt: skip
OTHERS = (
    "User attempted to login multiple times", "User session timed out", "User session extended",
    "User downloaded {a} documents from share finance", "User transferred data to external device",
    "Query took {a} ms on database orders", "Password of user changed by help desk ticket {b}",
    "Connection from 10.0.{c}.{d} port {b} refused", "Printer queue {c} holds {a} pages",
    "Certificate for host web{c} expires in {d} days", "Mail with {d} attachments sent to partner {c}",
)  # fmt: skip
ATTACKS = (
    "mimikatz run by service, lsass dumped", "Kerberoasting of {a} service accounts",
    "Encoded powershell started by winword", "Archive of {b} records sent to 203.0.113.{d}",
)  # fmt: skip
BENIGN = 0.5  # share of messages that are a known phrase
ATTACK = 0.005  # share of events that belong to a planted attack
BURST = 25  # events of an attack, all of one user
BLOCK = 10_000

TIME = "timestamp"
STEP = 2.0  # seconds from an event to the next: compressed into a moment, every user would seem to run riot

Event = tuple[int, int, int, int, int, int, str]


def events(count: int, users: int, seed: int = 1, attack: float = ATTACK) -> Iterator[Event]:
    """Rows by COLUMNS, users drawn alike; a million cost no more memory than one block."""
    dice = np.random.default_rng(seed)
    typical = np.random.default_rng(0).uniform(0.5, 2.0, min(users, BLOCK))  # a habit per user, whatever the seed
    for start in range(0, count, BLOCK):
        yield from _block(dice, min(BLOCK, count - start), users, typical, attack)


def _block(dice: np.random.Generator, count: int, users: int, typical: np.ndarray, attack: float) -> Iterator[Event]:
    user = dice.integers(1, users + 1, count)
    hostile = dice.random(count) < attack
    bursts = np.arange(hostile.sum()) // BURST
    user[hostile] = dice.integers(1, users + 1, count)[bursts]
    habit = typical[user % len(typical)]
    logins = np.where(hostile, dice.integers(20, 60, count), dice.integers(1, 6, count))
    failed = np.where(hostile, logins - 1, dice.binomial(logins, 0.15))
    duration = dice.gamma(4.0, 12.0, count) * habit
    transferred = dice.gamma(3.0, 40.0, count) * habit * np.where(hostile, 50.0, 1.0)
    sensitive = hostile | (dice.random(count) < 0.05)
    messages = _messages(dice, count, hostile)
    columns = (user, logins, failed, duration.astype(int) + 1, transferred.astype(int) + 1, sensitive.astype(int))
    return zip(*(column.tolist() for column in columns), messages, strict=True)


def _messages(dice: np.random.Generator, count: int, hostile: np.ndarray) -> list[str]:
    benign = dice.random(count) < BENIGN
    places = dice.integers(0, 2**16, count).tolist()
    fills = dice.integers(1, 255, (count, 4)).tolist()
    kinds = np.where(hostile, 2, np.where(benign, 0, 1)).tolist()
    pools: tuple[Sequence[str], ...] = (PHRASES, OTHERS, ATTACKS)
    return [
        (pool := pools[kind])[place % len(pool)].format(a=a, b=b * 211, c=c, d=d)
        for kind, place, (a, b, c, d) in zip(kinds, places, fills, strict=True)
    ]


def csv_lines(rows: Iterable[Event], start: float | None = None) -> Iterator[bytes]:
    """The header, then a line an event, as the reference's files have them; with `start`, and a time for each."""
    yield _csv_line(COLUMNS if start is None else (*COLUMNS, TIME))
    for place, row in enumerate(rows):
        yield _csv_line(row if start is None else (*row, start + STEP * place))


def json_lines(rows: Iterable[Event], start: float) -> Iterator[bytes]:
    """One object an event, the same columns by name, and its time: seconds since 1970, the first at `start`."""
    for place, row in enumerate(rows):
        yield orjson.dumps({**dict(zip(COLUMNS, row, strict=True)), TIME: start + STEP * place})


def write(path: Path, lines: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(line + b"\n" for line in lines)


def _csv_line(row: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(row)
    return text.getvalue().encode()
