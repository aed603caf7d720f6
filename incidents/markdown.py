"""Markdown of comments as HTML that can do no harm: no markup of the writer's own, no images, no scripts."""

import re

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_ALLOWED = {
    "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
# Headings would stand among those of the page, and an image would tell a stranger who reads it.
_reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
_reader.disable(["heading", "lheading", "image", "html_block", "html_inline"])
_NAMED = re.compile(r"(?<![\w@.])@([\w.@+-]{1,150})")


def as_html(text: str) -> SafeString:
    """The HTML of a text, cleaned once more after it was made."""
    cleaned = nh3.clean(
        _reader.render(text),
        tags=_ALLOWED,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(cleaned)  # noqa: S308 - nh3 has just cleaned it


def named_people(text: str) -> set[str]:
    """The user names that a text mentions with @."""
    return {name.rstrip(".") for name in _NAMED.findall(text)}
