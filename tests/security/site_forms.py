"""The forms of the site, as its pages show them: what a browser would send, and what it sends for a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

CHOSEN = {"checkbox", "radio"}
NO_VALUE = {"submit", "button", "reset", "image"}


@dataclass
class ShownForm:
    """A form with what it would send unchanged; `kinds` says of each field what it is."""

    role: str
    page: str
    method: str
    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    @property
    def sends_to(self) -> str:
        return urlsplit(self.action).path or urlsplit(self.page).path

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """Alike for a form that is shown on several pages."""
        return self.method, self.sends_to, tuple(sorted(self.kinds))


class _Reader(HTMLParser):
    def __init__(self, role: str, page: str) -> None:
        super().__init__()
        self.role, self.page = role, page
        self.forms: list[ShownForm] = []
        self.links: list[str] = []
        self._open: ShownForm | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "form":
            self._open = ShownForm(self.role, self.page, given.get("method", "get").upper(), given.get("action", ""))
            self.forms.append(self._open)
        elif self._open and tag in {"input", "select", "textarea", "button"} and given.get("name"):
            self._field(self._open, tag, given)
        elif self._open and tag == "option" and self._select and "selected" in given:
            self._open.values[self._select].append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""

    def _field(self, form: ShownForm, tag: str, given: Mapping[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text") if tag == "input" else tag
        form.kinds[name] = kind
        values = form.values.setdefault(name, [])
        self._select = name if tag == "select" else ""
        if tag == "input" and kind not in NO_VALUE and (kind not in CHOSEN or "checked" in given):
            values.append(given.get("value", "on" if kind in CHOSEN else ""))
        elif kind == "button" and not values:
            values.append(given.get("value", ""))


def forms_of(role: str, page: str, html: str) -> list[ShownForm]:
    reader = _Reader(role, page)
    reader.feed(html)
    return reader.forms


def parameters_of(html: str) -> Iterator[str]:
    """The names of what the links of a page have after the question mark."""
    reader = _Reader("", "")
    reader.feed(html)
    for link in reader.links:
        yield from (name for name, _value in parse_qsl(urlsplit(link).query, keep_blank_values=True))
