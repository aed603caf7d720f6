"""A small file system of its own, which is soon full; mounted by root alone."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resize(self, kilobytes: int) -> None:
        """As when somebody has removed other files."""
        subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", self.folder], check=True)


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[SmallDisk]:
    """A tmpfs in the place of `folder`, which is made. Skips the test where nothing may be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid():
        pytest.skip("only root may mount a small disk")
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    done = subprocess.run(mounted, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
