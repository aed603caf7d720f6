"""`celery -A tests.chaos.poisoned`: the product's app and model, but scoring dies of reports that hold a certain word.

The word stands in the file `poison` of CASELOOP_HOME; removing it puts the defect right.
"""

import os
import signal
from collections.abc import Sequence
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402

from classifier.ml.hybrid import HybridModel  # noqa: E402
from workers.celery import app  # noqa: E402

__all__ = ["app"]

sound = HybridModel.classify_batch


def dying(model: HybridModel, texts: Sequence[str], *arguments: Any, **options: Any) -> Any:
    cause = settings.CASELOOP_HOME / "poison"
    if cause.exists() and any(cause.read_text() in text for text in texts):
        os.kill(os.getpid(), signal.SIGKILL)
    return sound(model, texts, *arguments, **options)


HybridModel.classify_batch = dying  # type: ignore[method-assign]
