"""The product's settings for sites that tests start: static files as they lie, for collecting them takes 12 s.

LOCK_SECONDS, where it is set, is how long one waits for a locked database, in place of the product's 20.
"""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASES, STORAGES

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
if seconds := os.environ.get("LOCK_SECONDS"):
    changed = (
        {"timeout": int(seconds)}
        if "sqlite" in DATABASES["default"]["ENGINE"]
        else {"options": f"-c lock_timeout={seconds}s"}
    )
    DATABASES["default"]["OPTIONS"] |= changed
