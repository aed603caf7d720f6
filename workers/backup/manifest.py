"""What a backup says of itself: the first thing that is read of it, and the last that is written."""

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from classifier.ml.files import is_plain_name

FORMAT = "caseloop-backup-1"
NAME = "manifest.json"
ROWS, KEY = "rows", "secret-key"
FOLDERS = ("media", "lookups", "models")  # of CASELOOP_HOME, whose files rows name
_HASH = re.compile(r"[0-9a-f]{64}")


class BackupRefused(Exception):
    """The file is no backup, is damaged, or does not fit; nothing was changed."""


@dataclass
class Manifest:
    """`migrations` are those that were applied, by app, `files` the SHA-256 of each member, `tables` the rows of each.

    `artefacts` tells where models lie: "inside", or the name of the storage that they stayed in.
    """

    version: str
    created_at: str
    engine: str
    migrations: dict[str, list[str]]
    tables: dict[str, int]
    artefacts: str = "inside"
    key: bool = False
    format: str = FORMAT
    files: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True)


def read(text: bytes) -> Manifest:
    """Raises BackupRefused for anything but what `to_json` gives, with names that stay where they belong."""
    try:
        told: dict[str, Any] = json.loads(text)
        if told.get("format") != FORMAT:
            raise BackupRefused(f"it has the format {str(told.get('format'))[:40]!r}, and this version reads {FORMAT}.")
        manifest = Manifest(**told)
        names = {name: bool(_HASH.fullmatch(digest)) for name, digest in manifest.files.items()}
        tables = {f"{ROWS}/{name}.jsonl" for name in manifest.tables}
    except (ValueError, TypeError, AttributeError) as error:
        raise BackupRefused("its manifest cannot be read: the file is damaged, or no backup.") from error
    for name, hashed in names.items():
        if not hashed or not is_ours(name):
            raise BackupRefused(f"it holds {name[:80]!r}, which belongs in no backup.")
    if missing := tables - names.keys():
        raise BackupRefused(f"it lacks {min(missing)}.")
    return manifest


def is_ours(name: str) -> bool:
    """Whether a member may be called so: below a known folder, by plain parts alone (no "..", no root, no drive)."""
    if not is_plain_name(name) or ":" in name:
        return False
    if name == KEY or re.fullmatch(rf"{ROWS}/[a-z0-9_]+\.[a-z0-9_]+\.jsonl", name):
        return True
    folder, below, _ = name.partition("/")
    return bool(below) and folder in FOLDERS
