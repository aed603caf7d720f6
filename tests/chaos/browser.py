"""A stranger's HTTP: one connection a request, cookies kept, redirects told and not followed."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from urllib.parse import urlencode

TIMEOUT = 30.0
NO_ANSWER = (OSError, HTTPException)  # nobody listens, or whoever did is gone
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str


@dataclass
class Browser:
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, timeout: float = TIMEOUT) -> Answer:
        return self._ask("GET", path, None, {}, timeout)

    def send(self, path: str, form: Mapping[str, str], timeout: float = TIMEOUT) -> Answer:
        return self._ask("POST", path, urlencode(form).encode(), {"Content-Type": FORM}, timeout)

    def upload(self, path: str, form: Mapping[str, str], name: str, content: bytes) -> Answer:
        """A form with one file in its field `attachments`."""
        line = uuid.uuid4().hex
        parts = [f'--{line}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{form[key]}\r\n' for key in form]
        file = f'--{line}\r\nContent-Disposition: form-data; name="attachments"; filename="{name}"\r\n'
        body = "".join([*parts, file, "Content-Type: text/plain\r\n\r\n"]).encode() + content
        kind = {"Content-Type": f"multipart/form-data; boundary={line}"}
        return self._ask("POST", path, body + f"\r\n--{line}--\r\n".encode(), kind, TIMEOUT)

    def call(self, path: str, body: Mapping[str, str], token: str, key: str) -> Answer:
        """An operation of the API, by token and idempotency key."""
        headers = {"Content-Type": "application/json", "Authorization": f"Token {token}", "Idempotency-Key": key}
        return self._ask("POST", path, json.dumps(body).encode(), headers, TIMEOUT)

    def filing_form(self) -> dict[str, str]:
        """The hidden fields of a fresh filing form, with a key of our own: whoever takes the page's is timed."""
        page = self.get("/file/")
        if page.status != 200:
            raise HTTPException(f"the filing form answered {page.status}")
        token = _value(page.body, "csrfmiddlewaretoken")
        return {"csrfmiddlewaretoken": token, "currency": "INR", "key": str(uuid.uuid4())}

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str], timeout: float) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        try:
            connection.request(method, path, body, headers | (cookies if self.cookies else {}))
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
        return Answer(response.status, dict(response.headers), text)


def _value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*?value="([^"]*)"|value="([^"]*)"[^>]*?name="{name}"', page)
    assert found, f"the form has no field {name}"
    return found[1] or found[2]
