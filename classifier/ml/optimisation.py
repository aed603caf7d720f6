"""The optimiser of a T5: which weights decay, and how the learning rate rises and falls. Imports torch."""

from torch import Tensor, nn
from torch.optim import AdamW


def adamw(engine: nn.Module, learning_rate: float, weight_decay: float) -> AdamW:
    """Over all weights that are trained; decay for matrices, none for embeddings, position biases and norms."""
    decayed: list[Tensor] = []
    free: list[Tensor] = []
    for name, weight in engine.named_parameters():
        if weight.requires_grad:
            plain = "norm" in name or "shared" in name or "relative_attention_bias" in name
            (free if plain else decayed).append(weight)
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]
    on_cuda = next(engine.parameters()).device.type == "cuda"
    return AdamW([group for group in groups if group["params"]], lr=learning_rate, fused=True if on_cuda else None)


def share_of_rate(step: int, steps: int, warmup_share: float) -> float:
    """Linear warm-up, then linear decay."""
    warmup = max(1, round(steps * warmup_share))
    return min((step + 1) / warmup, (steps - step) / max(1, steps - warmup))
