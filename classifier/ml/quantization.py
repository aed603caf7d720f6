"""int8 weights for a T5 that serves on a CPU: a scale per output channel, and per token for what comes in.

torch's own dynamic quantisation has one scale for a whole batch: results then depend on the company that a text
keeps (0.1 of a probability and more; here 0.003, where a last bit tips a rounding), and one outlying token coarsens
all others. Its quantised tensors are deprecated too. benchmarks/int8.py has the figures of this way beside the others.
"""

from typing import Any

import torch
from torch import Tensor, nn

LEVELS = 127  # of what comes in, to each side of zero
# Of weights. Processors without VNNI add two products in 16 bits, and oneDNN moves what comes in to 1..255: 63 is the
# largest weight at which that cannot saturate. So the sums are exact, and alike on every processor.
WEIGHT_LEVELS = 63
SMALLEST = 1e-12  # the scale of a row of zeros


class Int8Linear(nn.Module):
    """Stands in for a linear layer without bias (T5 has no others); the original's weights are not kept."""

    weight: Tensor  # (in, out) int8
    scale: Tensor  # (out,) float32

    def __init__(self, linear: nn.Linear, levels: int = WEIGHT_LEVELS) -> None:
        super().__init__()
        weight = linear.weight.detach()
        scale = (weight.abs().amax(1) / levels).clamp(min=SMALLEST)
        self.register_buffer("weight", (weight / scale[:, None]).round().to(torch.int8).T.contiguous())
        self.register_buffer("scale", scale)

    def forward(self, x: Tensor) -> Tensor:
        if torch.is_grad_enabled() and x.requires_grad:  # rounding has none: explain by the weights as floats
            return x @ (self.weight * self.scale)
        rows = x.flatten(0, -2)
        steps = rows.abs().amax(1, keepdim=True).clamp_(min=SMALLEST).div_(LEVELS)
        sums = torch._int_mm((rows / steps).round_().to(torch.int8), self.weight)
        return sums.float().mul_(steps).mul_(self.scale).unflatten(0, x.shape[:-1])


def quantize(model: Any) -> None:
    """Turns the linear layers of encoder and decoder into int8, in place; head, embeddings and norms stay float32.

    The model can then be asked, explained and moved, but neither trained nor saved.
    """
    for stack in (model.encoder, model.decoder):
        for module in list(stack.modules()):
            for name, child in list(module.named_children()):
                if type(child) is nn.Linear:
                    setattr(module, name, Int8Linear(child))


def is_quantized(model: Any) -> bool:
    return any(isinstance(module, Int8Linear) for module in model.modules())
