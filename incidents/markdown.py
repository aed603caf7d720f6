"""Markdown of comments as HTML that can do no harm: no markup of the writer's own, no images, no scripts."""

import re
from collections.abc import Iterable, Iterator

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_ALLOWED = {
    "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Also refuses `//host`, which looks like a path of this site and leads to another."""
        return super().validateLink(url) and not url.startswith("//")


# Headings would stand among those of the page, and an image would tell a stranger who reads it.
_reader = _Reader("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
_reader.disable(["heading", "lheading", "image", "html_block", "html_inline"])
_NAMED = re.compile(r"(?<![\w@.])@([\w.@+-]{1,150})")


def _mark_named(state: StateCore) -> None:
    """Have people that a text mentions stand out, outside of code and links."""
    for token in state.tokens:
        if token.type == "inline":
            token.children = list(_with_marks(token.children or ()))


def _with_marks(children: Iterable[Token]) -> Iterator[Token]:
    in_links = 0
    for child in children:
        in_links += child.nesting if child.type in {"link_open", "link_close"} else 0
        if child.type == "text" and not in_links:
            yield from _marked(child.content)
        else:
            yield child


def _marked(text: str) -> Iterator[Token]:
    end = 0
    for found in _NAMED.finditer(text):
        name = "@" + found[1].rstrip(".")
        yield Token("text", "", 0, content=text[end : found.start()])
        yield Token("strong_open", "strong", 1)
        yield Token("text", "", 0, content=name)
        yield Token("strong_close", "strong", -1)
        end = found.start() + len(name)
    yield Token("text", "", 0, content=text[end:])


_reader.core.ruler.push("mark_named", _mark_named)


def as_html(text: str) -> SafeString:
    """The HTML of a text, cleaned once more after it was made."""
    cleaned = nh3.clean(
        _reader.render(text),
        tags=_ALLOWED,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(cleaned)  # nosec B308 B703 # noqa: S308 - nh3 has just cleaned it


def as_words(text: str) -> str:
    """What a text says without the signs of its layout, in one line."""
    said = (part for token in _reader.parse(text) for part in (token.children or (token,)))
    parts = (one.content or " " * (one.block or one.type.endswith("break")) for one in said)
    return " ".join("".join(parts).split())


def named_people(text: str) -> set[str]:
    """The user names that a text mentions with @."""
    return {name.rstrip(".") for name in _NAMED.findall(text)}
