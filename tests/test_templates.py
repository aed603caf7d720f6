"""Rules that hold in every template: what the content policy forbids, and what everybody needs to use a page."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
BY_NAME = [pytest.param(path, id=str(path.relative_to(ROOT / "templates"))) for path in TEMPLATES]


@pytest.mark.parametrize("path", BY_NAME)
def test_a_template_compiles(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize("path", BY_NAME)
def test_a_template_has_nothing_that_the_content_policy_forbids(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text), "no style attribute"
    assert "<style" not in text
    assert not re.search(r"\s(?:data-)?hx-on[:\s=-]", text), "hx-on needs eval"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "no inline handler"
    assert "javascript:" not in text
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag or "application/json" in tag, f"no inline script: {tag}"


@pytest.mark.parametrize("path", BY_NAME)
def test_a_trigger_has_no_filter(path: Path) -> None:
    """Without eval a filter such as [key=='a'] fails open: it fires on every key."""
    for trigger in re.findall(r"hx-trigger\s*=\s*(\"[^\"]*\"|'[^']*')", path.read_text()):
        assert "[" not in trigger


@pytest.mark.parametrize("path", BY_NAME)
def test_a_page_loads_nothing_from_another_server(path: Path) -> None:
    assert not re.search(r"(?:src|href|action|hx-get|hx-post)\s*=\s*[\"'](?:https?:)?//", path.read_text())


@pytest.mark.parametrize("path", BY_NAME)
def test_a_template_stays_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 150


@pytest.mark.parametrize("path", BY_NAME)
def test_a_table_lies_in_a_frame_that_scrolls_on_a_phone(path: Path) -> None:
    text = path.read_text()
    if path.name != "_shortcuts.html":  # a dialog, which scrolls itself
        assert text.count("<table") <= text.count("table-responsive")


def test_scripts_and_own_styles_stay_small() -> None:
    for path in [*(ROOT / "static").glob("*.js"), *(ROOT / "static").glob("*.css")]:
        assert len(path.read_text().splitlines()) < 150, path


def test_what_needs_a_script_is_hidden_without_one_whatever_else_it_is() -> None:
    """Classes such as `d-md-flex` are important, and would show it."""
    (rule,) = re.findall(r"html:not\(\.js\) \.js-only \{([^}]*)\}", (ROOT / "static" / "app.css").read_text())
    assert rule.strip() == "display: none !important;"
