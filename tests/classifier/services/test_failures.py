"""Why a training failed, in words that say what to do."""

import errno

import pytest
import torch

from classifier.ml.config import BaseModelUnavailable
from classifier.services.failures import why, why_job_failed
from classifier.services.room import NoRoom
from classifier.wording import KILLED, NO_ACCESS, NO_DISK, NO_MEMORY, in_words
from workers.models import LOST_TOO_OFTEN


def too_much_for_torch() -> RuntimeError:
    """What the allocator of this PyTorch really says."""
    with pytest.raises(RuntimeError) as raised:
        torch.empty(2**60, dtype=torch.uint8)
    return raised.value


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), NO_MEMORY),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), NO_MEMORY),
        (OSError(errno.ENOSPC, "No space left on device", "/secret/name"), NO_DISK),
        (PermissionError(errno.EACCES, "Permission denied"), NO_ACCESS),
        (BaseModelUnavailable("the folder has no config.json"), "the folder has no config.json"),
        (NoRoom("The disk has 3 MB free."), "The disk has 3 MB free."),
    ],
)
def test_known_causes_are_told_with_what_to_do(error: Exception, told: str) -> None:
    assert why(error) == told


def test_a_cpu_without_memory_is_told_from_other_errors_of_torch() -> None:
    assert why(too_much_for_torch()) == NO_MEMORY
    assert why(RuntimeError("mat1 and mat2 shapes cannot be multiplied")).startswith("RuntimeError")


def test_what_is_not_known_is_told_without_what_it_was_about() -> None:
    assert "secret" not in why(KeyError("secret text of a report"))


def test_a_worker_that_was_killed_too_often() -> None:
    assert why_job_failed(LOST_TOO_OFTEN) == KILLED
    assert why_job_failed("something else") == "something else"


@pytest.mark.parametrize("told", [NO_MEMORY, NO_DISK, NO_ACCESS, KILLED])
def test_each_can_be_told_in_another_language(told: str) -> None:
    assert in_words(told) == told
