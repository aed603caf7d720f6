"""Which texts go through the model together."""

from collections.abc import Sequence

import torch
from torch import Tensor

TOKEN_BUDGET = 1024  # on a CPU, sorted batches of about this many padded tokens are the fastest
TOKEN_BUDGET_CUDA = 65_536
WINDOW = 4096  # texts that are tokenised and sorted together: memory does not grow with the queue
CUDA_MULTIPLE = 16  # widths on a GPU: fewer shapes, and attention masks aligned as its fast kernels want them


def token_batches(lengths: Sequence[int], budget: int, positions: int = 0) -> list[list[int]]:
    """Indices by rising length, cut so that rows times width stays within `budget` (one row at least).

    The width is the longest row and the `positions` that the decoder adds to each.
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda place: (lengths[place], place)):
        if batches and (len(batches[-1]) + 1) * (lengths[index] + positions) <= budget:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def padded(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """(B, L) ids filled up with 0, and the mask that is True on real tokens."""
    multiple = CUDA_MULTIPLE if device.type == "cuda" else 1
    lengths = torch.tensor([len(row) for row in rows])
    width = -(-int(lengths.max()) // multiple) * multiple
    mask = torch.arange(width)[None, :] < lengths[:, None]
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    ids[mask] = torch.tensor([token for row in rows for token in row])
    return ids.to(device), mask.to(device)
