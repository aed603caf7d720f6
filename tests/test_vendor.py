"""What is vendored is what `VENDOR.md` says, and is all that pages need from outside."""

import hashlib
import re
from pathlib import Path

STATIC = Path(__file__).parent.parent / "static"
VENDOR = STATIC / "vendor"
ROW = re.compile(
    r"^\| (?P<file>[\w./-]+) \| (?P<version>[\d.]+) \| .+ \| MIT \| (?P<sha256>[0-9a-f]{64}) \|$", re.MULTILINE
)


def listed() -> dict[str, str]:
    return {row["file"]: row["sha256"] for row in ROW.finditer((VENDOR / "VENDOR.md").read_text())}


def test_every_vendored_file_is_listed_with_its_hash() -> None:
    files = [path for path in VENDOR.rglob("*") if path.is_file() and path.name != "VENDOR.md"]
    hashes = {str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert hashes == listed()


def test_no_style_or_script_names_another_server() -> None:
    for path in [*STATIC.rglob("*.css"), *STATIC.glob("*.js")]:
        addresses = re.findall(r"(?:url\(|@import |fetch\()\s*[\"']?(?:https?:)?//", path.read_text())
        assert not addresses, path


def test_the_sprite_holds_exactly_the_icons_that_are_used() -> None:
    root = STATIC.parent
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (VENDOR / "icons" / "sprite.svg").read_text()))
    templates = "\n".join(path.read_text() for path in (root / "templates").rglob("*.html"))
    named = set(re.findall(r'(?:{% icon |icon_name=|icon_name\|default:)"([\w-]+)"', templates))
    looks = (root / "incidents" / "templatetags" / "caseloop.py").read_text()
    states = set(re.findall(r'^    "\w+": \("\w+", "([\w-]+)"\),$', looks, re.MULTILINE)) | {"info-circle"}
    assert named | states == sprite
