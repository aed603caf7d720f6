"""Checkpoints of a T5 training run: safetensors and JSON, written aside and renamed, one kept."""

import json
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from classifier.ml.files import sync

PREFIX = "epoch-"
ASIDE = ".writing"
STATE = "state.json"
Tensors = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The run after `epoch` whole epochs."""

    epoch: int
    seconds: float  # spent so far, over all attempts
    best_epoch: int
    best_score: tuple[float, float]  # exact match and negative NLL on validation
    model: Tensors
    best: Tensors
    optimizer: Tensors

    def save(self, workdir: Path, fingerprint: str) -> None:
        """Puts this checkpoint in the place of earlier ones. Of two runs that meet here, neither tears the other's."""
        aside = workdir / f".{PREFIX}{self.epoch}.{uuid.uuid4().hex}{ASIDE}"
        aside.mkdir(parents=True)
        for name in ("model", "best", "optimizer"):
            save_file(getattr(self, name), aside / f"{name}.safetensors")
        state = {
            "fingerprint": fingerprint,
            "epoch": self.epoch,
            "seconds": self.seconds,
            "best_epoch": self.best_epoch,
            "best_score": self.best_score,
        }
        (aside / STATE).write_text(json.dumps(state), "utf-8")
        for file in aside.iterdir():
            sync(file)
        aside.rename(workdir / f"{PREFIX}{self.epoch}")
        sync(workdir)
        for folder in _folders(workdir):
            if _epoch_of(folder) < self.epoch:
                shutil.rmtree(folder, ignore_errors=True)

    @classmethod
    def load(cls, workdir: Path, fingerprint: str) -> "Checkpoint | None":
        """The newest checkpoint of the run with this fingerprint; those of other runs, and torn ones, are removed."""
        for torn in workdir.glob(f".{PREFIX}*{ASIDE}"):
            shutil.rmtree(torn, ignore_errors=True)
        for folder in _folders(workdir):
            state = json.loads((folder / STATE).read_text("utf-8"))
            if state.pop("fingerprint") != fingerprint:
                shutil.rmtree(folder)
                continue
            state["best_score"] = tuple(state["best_score"])
            tensors = {name: load_file(folder / f"{name}.safetensors") for name in ("model", "best", "optimizer")}
            return cls(**state, **tensors)
        return None


def _folders(workdir: Path) -> list[Path]:
    """Newest first."""
    found = [path for path in workdir.glob(f"{PREFIX}*") if (path / STATE).is_file()]
    return sorted(found, key=_epoch_of, reverse=True)


def _epoch_of(folder: Path) -> int:
    return int(folder.name.removeprefix(PREFIX))


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> Tensors:
    """The state of each parameter as flat tensors "number.name"."""
    state: dict[int, dict[str, Any]] = optimizer.state_dict()["state"]
    return {
        f"{number}.{name}": torch.as_tensor(value).detach().to("cpu", copy=True)
        for number, values in state.items()
        for name, value in values.items()
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Tensors) -> None:
    state: dict[int, Tensors] = {}
    for key, value in tensors.items():
        number, name = key.split(".")
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
