"""Why a training failed, in words that say what to do. Stored in English; pages tell known ones in their language."""

import errno

from classifier.ml.config import BaseModelUnavailable
from classifier.services.room import NoRoom
from classifier.wording import KILLED, NO_ACCESS, NO_DISK, NO_MEMORY
from workers.errors import sentence
from workers.models import LOST_TOO_OFTEN

OF_DISK = {errno.ENOSPC, errno.EDQUOT}
OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "bad allocation", "bad_alloc")


def why(error: BaseException) -> str:
    """For people: what to do where the cause is known, else what kind of error it was and where."""
    if isinstance(error, BaseModelUnavailable | NoRoom):
        return str(error)
    if isinstance(error, MemoryError) or _is_torchs_memory(error):
        return NO_MEMORY
    if isinstance(error, OSError) and error.errno in OF_DISK:
        return NO_DISK
    if isinstance(error, PermissionError):
        return NO_ACCESS
    return sentence(error)


def why_job_failed(error: str) -> str:
    """Of a job that ended without its service having a say."""
    return KILLED if error == LOST_TOO_OFTEN else error


def _is_torchs_memory(error: BaseException) -> bool:
    """torch raises RuntimeErrors, of which only the words tell memory apart."""
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in OUT_OF_MEMORY)
