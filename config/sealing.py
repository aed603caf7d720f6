"""Small secrets in rows, sealed by SECRET_KEY: a copy of the database alone does not tell them."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext


def seal(text: str) -> str:
    return _cipher().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises ValidationError where the server's key is no longer the one that sealed it."""
    try:
        return _cipher().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise ValidationError(
            gettext("The server's key was changed since this was set up. Ask an admin to reset your second factor.")
        ) from None


def _cipher() -> Fernet:
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"caseloop-seal").digest()
    return Fernet(base64.urlsafe_b64encode(key))
