"""Which files are taken, and whether one is what its name says.

The name chooses the kind, the content has to agree: puremagic knows the first bytes of pictures, documents and
archives; a text is what holds no binary data. What a text means does not matter: it is only ever sent as a download.
"""

import codecs
import re
import unicodedata
import zipfile
from pathlib import PurePosixPath
from typing import IO

import puremagic
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST_NAME = 200
HEAD = 8_192  # bytes that are looked at

_OFFICE = "application/vnd.openxmlformats-officedocument"
BINARY = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".zip": "application/zip",
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".msg": "application/vnd.ms-outlook",
}
TEXT = {
    ".txt": "text/plain",
    ".log": "text/plain",
    ".csv": "text/csv",
    ".json": "application/json",
    ".eml": "message/rfc822",
}
TAKEN = BINARY | TEXT
_ARCHIVES = {".zip": "", ".docx": "word/", ".xlsx": "xl/"}  # and a folder that such an archive has
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what Outlook's messages share with old Office documents
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # texts of Windows, which do hold zeros
_CONTROLS = r"\x00-\x08\x0e-\x1a\x1c-\x1f"
_BINARY_DATA, _BINARY_SIGNS = re.compile(f"[{_CONTROLS}]".encode()), re.compile(rf"[{_CONTROLS}\x80-\x9f\ufffe\uffff]")
_NOT_SHOWN = {"Cc", "Cf", "Cs", "Co", "Cn"}  # controls, signs that turn the direction, what is no character


def content_type_of(name: str, file: IO[bytes]) -> str:
    """The content type of a file that is taken. Raises ValidationError with a sentence for any other."""
    ending = PurePosixPath(name).suffix.lower()
    if ending not in TAKEN:
        kinds = ", ".join(sorted(kind.removeprefix(".") for kind in TAKEN))
        raise ValidationError(
            _("%(name)s: files of this kind are not taken. Send one of: %(kinds)s.") % {"name": name, "kinds": kinds}
        )
    file.seek(0)
    head = file.read(HEAD)
    fits = _is_text(head) if ending in TEXT else _is_binary(ending, head, file)
    file.seek(0)
    if not fits:
        raise ValidationError(
            _("%(name)s is broken, or is no %(kind)s file. Check it, or send it under its right name.")
            % {"name": name, "kind": ending.removeprefix(".")}
        )
    return TAKEN[ending]


def clean_name(raw: str) -> str:
    """A file's name without a folder and without signs that nobody sees, no longer than its column."""
    name = PurePosixPath(unicodedata.normalize("NFC", raw).replace("\\", "/")).name
    shown = "".join(sign for sign in name if unicodedata.category(sign) not in _NOT_SHOWN)
    words = " ".join(shown.split()).strip(". ") or "file"
    path = PurePosixPath(words)
    return path.stem[: LONGEST_NAME - len(path.suffix)] + path.suffix if len(path.suffix) < 20 else words[:LONGEST_NAME]


def _is_text(head: bytes) -> bool:
    if not head.startswith(_WIDE):
        return not _BINARY_DATA.search(head)
    try:  # what stands at the end of the head may go on behind it
        signs = codecs.getincrementaldecoder("utf-16")().decode(head, final=len(head) < HEAD)
    except UnicodeDecodeError:
        return False
    return not _BINARY_SIGNS.search(signs)


def _is_binary(ending: str, head: bytes, file: IO[bytes]) -> bool:
    if ending == ".msg":
        return head.startswith(_OLE)
    if ending in _ARCHIVES:
        return _is_archive(ending, file)
    try:
        return ending in {found.extension for found in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return False


def _is_archive(ending: str, file: IO[bytes]) -> bool:
    """Reads the list of what is in it, and unpacks nothing."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    return any(name.startswith(_ARCHIVES[ending]) for name in names)
