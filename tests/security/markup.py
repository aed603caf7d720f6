"""What a page must not hold: elements, attributes and addresses that came from a text."""

from html.parser import HTMLParser

from tests.security.hostile_world import ELEMENT, EVALUATED

ADDRESSES = {"href", "src", "action", "formaction", "hx-get", "hx-post", "hx-put", "hx-delete", "poster", "data"}
OUTSIDE = ("javascript:", "vbscript:", "data:text", "//")
INLINE = {"style", "srcdoc"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.words: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script" and ("type", "application/json") not in attrs  # that is data
        if tag == ELEMENT:
            self.found.append(f"the element of column {dict(attrs).get('f')}")
        for name, value in attrs:
            address = "".join(char for char in value or "" if char > " ").lower()
            if name.startswith("on") or name in INLINE or not name.replace("-", "").replace(":", "").isalnum():
                self.found.append(f"<{tag} {name}={value!r}>")
            elif name in ADDRESSES and address.startswith(OUTSIDE):
                self.found.append(f"<{tag} {name}={value!r}> leads out of the site")

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.found.append(f"an inline script: {data.strip()[:60]!r}")
        self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False


def injected(page: str) -> list[str]:
    """What of the markup in texts has become markup of the page; empty is right."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    evaluated = ["a template in a text was evaluated"] if EVALUATED in "".join(reader.words) else []
    return reader.found + evaluated
