"""Whether this machine has the disk and the memory that a training needs."""

import contextlib
import resource
import shutil
import socket
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext

from classifier.services.training_estimate import Estimate
from classifier.wording import amount
from workers.models import WorkerHeartbeat

MB = 2**20
QUEUE = "training"
SPARE_DISK_MB = 500  # for the database and the logs, which must not be stopped by a training
MEMINFO, STATM = Path("/proc/meminfo"), Path("/proc/self/statm")
CGROUP = Path("/sys/fs/cgroup")


class NoRoom(Exception):
    """A training would run out of disk or memory; the message says what to do."""


def free_disk_mb() -> float:
    """Where models and checkpoints are kept."""
    home = Path(settings.CASELOOP_HOME)
    existing = next(folder for folder in (home, *home.parents) if folder.is_dir())
    return shutil.disk_usage(existing).free / MB


def free_memory_mb() -> float | None:
    """What could be had without swapping, within the container's limit; None where the system does not tell."""
    told = [found for found in (_of_the_machine(), _of_the_container()) if found is not None]
    return min(told, default=None)


def lacks(wanted: Estimate) -> list[str]:
    """A sentence for each thing that there is too little of; none where nothing is known."""
    return [said for said in (_lacking_disk(wanted.disk_mb), _lacking_memory(wanted.memory_mb)) if said]


def _lacking_disk(wanted: float | None) -> str:
    free = free_disk_mb()
    if wanted is None or free >= wanted + SPARE_DISK_MB:
        return ""
    return gettext(
        "The disk has %(free)s free, and this training needs %(wanted)s: remove old models or other files, or choose a "
        "smaller base model."
    ) % {"free": amount(free), "wanted": amount(wanted + SPARE_DISK_MB)}


def _lacking_memory(wanted: float | None) -> str:
    free = free_memory_mb()
    if wanted is None or free is None or free >= wanted:
        return ""
    return gettext(
        "%(free)s of memory are free, and this training needs about %(wanted)s: end other programs, or choose a smaller"
        " base model, fewer tokens at once, or computing twice to save memory."
    ) % {"free": amount(free), "wanted": amount(wanted)}


def _of_the_machine() -> float | None:
    with contextlib.suppress(OSError, ValueError):
        for line in MEMINFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) / 1024
    return None


def _of_the_container() -> float | None:
    with contextlib.suppress(OSError, ValueError):  # "max" is no limit
        limit, used = (int((CGROUP / name).read_text()) for name in ("memory.max", "memory.current"))
        return (limit - used) / MB
    return None


def process_memory_mb() -> float | None:
    """Of this process, as it is now; None where the system does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(STATM.read_text().split()[1]) * resource.getpagesize() / MB
    return None


def folder_mb(folder: Path) -> float:
    """All files in it and below."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / MB


def refuse_without_room(wanted: Estimate) -> None:
    """Raises NoRoom."""
    if said := lacks(wanted):
        raise NoRoom(" ".join(said))


def trains_here() -> bool:
    """Whether trainings run on this machine, as far as is known: a worker was seen here, or none anywhere."""
    seen = set(WorkerHeartbeat.objects.filter(queue=QUEUE).values_list("name", flat=True))
    return not seen or any(socket.gethostname() in name for name in seen)
