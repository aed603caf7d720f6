"""T5's relative positions: a learnt bias on attention scores by bucketed distance (Raffel et al. 2020)."""

import math
from typing import Any

import torch
from torch import Tensor


def buckets_of(distances: Tensor, bidirectional: bool, config: Any) -> Tensor:
    """The bucket of each distance (key minus query): exact when near, logarithmic up to the config's furthest."""
    buckets = config.relative_attention_num_buckets
    if bidirectional:
        buckets //= 2
        offset = (distances > 0).long() * buckets
        away = distances.abs()
    else:
        offset = torch.zeros_like(distances)
        away = (-distances).clamp(min=0)
    exact = buckets // 2
    growth = torch.log(away.clamp(min=1).float() / exact) / math.log(config.relative_attention_max_distance / exact)
    far = (exact + (growth * (buckets - exact)).long()).clamp(max=buckets - 1)
    return offset + torch.where(away < exact, away, far)


def text_bias(embedding: Any, length: int, config: Any) -> Tensor:
    """(1, H, L, L) for the encoder. Only 2L - 1 distances occur: each row is a window over their biases."""
    distances = torch.arange(1 - length, length, device=embedding.weight.device)
    biases = embedding(buckets_of(distances, True, config))
    windows: Tensor = biases.T.unfold(1, length, 1)  # (H, L, L), the last query first
    return windows.flip(1)[None]
