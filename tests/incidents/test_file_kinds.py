"""Which files are taken: the name chooses, the content has to agree."""

import codecs
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError

from incidents.file_kinds import LONGEST_NAME, clean_name, content_type_of


def archive(*names: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for name in names:
            file.writestr(name, "<x/>")
    return written.getvalue()


GOOD = {
    "a.pdf": b"%PDF-1.7\n%abc",
    "a.PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "a.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01",
    "a.jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01",
    "a.gif": b"GIF89a\1\0",
    "a.webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "a.msg": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "a.zip": archive("notes.txt"),
    "a.docx": archive("[Content_Types].xml", "word/document.xml"),
    "a.xlsx": archive("[Content_Types].xml", "xl/workbook.xml"),
    "a.txt": "grüße\n\tund mehr".encode(),
    "a.log": "of Windows".encode("utf-16"),
    "b.log": ("w" * 4094 + "\U0001f600 and more").encode("utf-16"),  # a sign that the head cuts in two
    "a.csv": b"a,b\r\n1,2\r\n",
    "a.json": b'{"a": 1}',
    "a.eml": b"Received: from x\r\n\r\nwords",
}


@pytest.mark.parametrize("name", GOOD)
def test_files_that_are_what_they_say_are_taken(name: str) -> None:
    file = io.BytesIO(GOOD[name])
    assert "/" in content_type_of(name, file)
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ\x90\0"),
        ("a.html", b"<html>"),
        ("a.svg", b"<svg>"),
        ("a", b"words"),
        ("a.pdf", b"MZ\x90\0\3\0"),
        ("a.png", GOOD["a.pdf"]),
        ("a.txt", GOOD["a.PNG"]),
        ("a.zip", b"PK\3\4 and then nothing that is an archive"),
        ("a.docx", GOOD["a.xlsx"]),
        ("a.docx", GOOD["a.zip"]),
        ("a.msg", b"words"),
        ("a.txt", codecs.BOM_UTF16_LE + b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0"),
        ("a.csv", codecs.BOM_UTF16_BE + b"\x7fELF\2\1\1" + b"\0" * 9),
        ("a.log", codecs.BOM_UTF16_LE + b"words\0"[:5]),
        ("a.txt", codecs.BOM_UTF16_LE + b"\0\xdc" * 5),
        ("a.jpg", b"words"),
    ],
)
def test_others_are_refused_by_name(name: str, content: bytes) -> None:
    with pytest.raises(ValidationError) as refused:
        content_type_of(name, io.BytesIO(content))
    assert refused.value.messages[0].startswith(name)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\mail.eml", "mail.eml"),
        ("bill\u202efdp.exe", "billfdp.exe"),
        ("a\r\nb: c.txt", "ab: c.txt"),
        ("", "file"),
        ("...", "file"),
        (".env", "env"),
    ],
)
def test_a_name_is_no_path_and_hides_nothing(raw: str, name: str) -> None:
    assert clean_name(raw) == name


def test_a_long_name_keeps_its_ending() -> None:
    name = clean_name("x" * 500 + ".txt")
    assert len(name) == LONGEST_NAME and name.endswith("x.txt")
