"""The words of a report: what is accepted, and the one road from a report to a model."""

import hashlib
import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from classifier.ml.personal import beginning, mask
from incidents.models.incident import MAX_TEXT

MAX_TITLE = 200
_BROKEN = re.compile("[\ud800-\udfff\ufffd]")  # lone surrogates, and the sign for what could not be decoded
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all of Unicode's controls but line feed and tab


def clean_text(raw: str) -> str:
    """A report's text as it is stored: NFC, LF line ends, no blanks around it.

    Raises ValidationError, with a sentence that says what to do, for text that is empty, too long or not text.
    """
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise ValidationError(gettext("The text is empty. Describe what happened."), code="empty")
    if len(text) > MAX_TEXT:
        raise ValidationError(
            gettext("The text has %(length)s characters; at most %(most)s are taken. Shorten it or split it.")
            % {"length": f"{len(text):,}", "most": f"{MAX_TEXT:,}"},
            code="too_long",
        )
    _refuse_what_is_no_text(text)
    return text


def clean_title(raw: str) -> str:
    """A title on one line. Raises ValidationError when it is too long or not text."""
    title = " ".join(unicodedata.normalize("NFC", raw).split())
    if len(title) > MAX_TITLE:
        raise ValidationError(
            gettext("The title has %(length)s characters; at most %(most)s are taken.")
            % {"length": len(title), "most": MAX_TITLE},
            code="too_long",
        )
    _refuse_what_is_no_text(title)
    return title


def _refuse_what_is_no_text(text: str) -> None:
    if _BROKEN.search(text):
        raise ValidationError(gettext("The text is wrongly encoded. Save it as UTF-8 and try again."), code="encoding")
    if _CONTROL.search(text):
        raise ValidationError(gettext("The text contains binary data. Send plain text."), code="binary")


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def training_text(title: str, text: str) -> str:
    """What a model reads of a report, in training and in serving: without personal data, so that none can repeat it.

    Masked once more it stays as it is.
    """
    title, text = mask(title), mask(text)
    return _before_text(title, text) + text


def text_start(title: str, text: str) -> int:
    """Where the text begins in `training_text`: 0 where the title is not read of its own."""
    title = mask(title)
    return len(_before_text(title, beginning(text, len(title))))


def _before_text(title: str, text: str) -> str:
    return f"{title}\n" if title and not text.startswith(title) else ""
