"""What tells a robot that fills in forms: a field that no person meets, and a pace that no person has.

Neither is announced, and neither loses anything: the form comes back once more, and a person sends it again.
"""

import time
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

AGAIN = _("This could not be taken. Look it over and press the button again.")


class Trap(forms.TextInput):
    """Off the page, off the keyboard's way, hidden from screen readers, and not filled in by browsers."""

    is_hidden = True  # forms draw no label for it

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return format_html(
            '<div class="visually-hidden" aria-hidden="true"><label>{} '
            '<input type="text" name="{}" tabindex="-1" autocomplete="off"></label></div>',
            _("Leave this empty"),
            name,
        )


class TrapField(forms.CharField):
    """`bool(value)`: a robot filled it in."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=Trap, label="")


def timed_key() -> UUID:
    """A random key that tells when it was made, by the layout of RFC 9562's version 7."""
    milliseconds = time.time_ns() // 1_000_000
    random = uuid4().int & ((1 << 76) - 1)  # with the bits that say which standard it follows
    return UUID(int=milliseconds << 80 | 7 << 76 | random)


def seconds_since(key: UUID) -> float | None:
    """How long ago `timed_key` made it; none for a key of another kind, which a program makes for itself."""
    return time.time() - (key.int >> 80) / 1000 if key.version == 7 else None
