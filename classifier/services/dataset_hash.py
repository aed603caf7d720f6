"""The hash of a dataset, which follows from its listing: whoever holds the one can check it against the other."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class HashedRow:
    """What the hash covers of one report: hashes of its text and its title, and the keys of its labels at that time."""

    split: str
    text_sha256: str
    title_sha256: str
    paths: tuple[str, ...]  # sorted
    weight: float

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> "HashedRow":
        """Of a line of a listing whose labels are told."""
        return cls(
            record["split"],
            record["text_sha256"],
            record["title_sha256"],
            tuple(record["paths_then"]),
            record["weight"],
        )


def dataset_hash(rows: Iterable[HashedRow]) -> str:
    """In whatever order they come, as numbers of reports play no part."""
    digest = hashlib.sha256()
    for row in sorted(rows):
        digest.update(json.dumps(astuple(row)).encode() + b"\n")
    return digest.hexdigest()


def title_hash(title: str) -> str:
    return hashlib.sha256(title.encode()).hexdigest()


@dataclass(frozen=True)
class CheckedListing:
    """A listing beside what its first line says. `reports` were frozen, `listed` are there, `hidden` ones of them
    without their labels; `found` is the hash of those that are told.
    """

    model: str
    dataset: str
    checkable: bool
    reports: int
    listed: int
    hidden: int
    found: str

    @property
    def matches(self) -> bool:
        return self.found == self.dataset


def check_listing(lines: Iterable[str]) -> CheckedListing:
    """Raises ValueError for what is no listing of labels."""
    try:
        head, *records = [json.loads(line) for line in lines if line.strip()]
        told = [record for record in records if record["paths_then"] is not None]
        found = dataset_hash(HashedRow.of_record(record) for record in told)
        return CheckedListing(
            model=head["model"],
            dataset=head["dataset"],
            checkable=head["checkable"],
            reports=head["reports"],
            listed=len(records),
            hidden=len(records) - len(told),
            found=found,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError("this is no listing of labels as it is downloaded from a model version") from error
