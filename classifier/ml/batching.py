"""Which texts go through the model together."""

from collections.abc import Sequence

import torch
from torch import Tensor

TOKEN_BUDGET = 1024  # on a CPU, sorted batches of about this many padded tokens are the fastest
TOKEN_BUDGET_CUDA = 65_536


def token_batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Indices by rising length, cut so that rows times longest row stays within `budget` (one row at least)."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda place: (lengths[place], place)):
        if batches and (len(batches[-1]) + 1) * lengths[index] <= budget:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def padded(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """(B, L) ids filled up with 0, and the mask that is True on real tokens."""
    width = max(map(len, rows))
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    mask = torch.zeros(len(rows), width, dtype=torch.bool)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = torch.tensor(row, dtype=torch.long)
        mask[place, : len(row)] = True
    return ids.to(device), mask.to(device)
