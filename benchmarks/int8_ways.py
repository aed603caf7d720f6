"""Ways to hold a T5's linear layers in int8, beside the one that is served (classifier/ml/quantization.py)."""

import warnings
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from classifier.ml.kernels import linear
from classifier.ml.quantization import LEVELS, Int8Linear

GROUPS = {  # kinds of layers, by how their names end
    "self-attention": ("SelfAttention.q", "SelfAttention.k", "SelfAttention.v", "SelfAttention.o"),
    "cross-attention": ("EncDecAttention.q", "EncDecAttention.k", "EncDecAttention.v", "EncDecAttention.o"),
    "feed-forward in": ("wi", "wi_0", "wi_1"),
    "feed-forward out": ("wo",),
}


@dataclass(frozen=True)
class Way:
    """`make` turns a linear layer into an int8 one; None leaves all in float32."""

    name: str
    make: Callable[[nn.Linear], nn.Module] | None
    embeddings: bool = False  # these rounded too, per row
    spares: bool = False  # leaves the most sensitive group in float32


class PerBatch(nn.Module):
    """torch's dynamic quantisation: one scale for all that comes in; 7 bits of it, lest AVX2 saturate."""

    def __init__(self, layer: nn.Linear, per_channel: bool) -> None:
        super().__init__()
        weight = layer.weight.detach()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # quantised tensors are deprecated
            if per_channel:
                scales, zeros = weight.abs().amax(1) / LEVELS, torch.zeros(len(weight), dtype=torch.long)
                rounded = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
            else:
                rounded = torch.quantize_per_tensor(weight, float(weight.abs().max()) / LEVELS, 0, torch.qint8)
        self.packed = torch.ops.quantized.linear_prepack(rounded, None)

    def forward(self, x: Tensor) -> Tensor:
        return torch.ops.quantized.linear_dynamic(x, self.packed, True)  # type: ignore[no-any-return]


class WeightOnly(nn.Module):
    """int8 in memory, turned into float32 in the pass, layer by layer."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.rounded, self.scale = rounded_rows(layer.weight.detach())

    def forward(self, x: Tensor) -> Tensor:
        layer = nn.Linear(*self.rounded.T.shape, bias=False, device="meta")
        layer.weight = nn.Parameter(self.rounded * self.scale, requires_grad=False)
        return linear(layer, x)


WAYS = (
    Way("float32", None),
    Way("a scale per batch, one per matrix (torch's dynamic)", partial(PerBatch, per_channel=False)),
    Way("a scale per batch, one per channel", partial(PerBatch, per_channel=True)),
    Way("the same, the most sensitive layers float", partial(PerBatch, per_channel=True), spares=True),
    Way("weights only, one per channel", WeightOnly),
    Way("the same, embeddings too", WeightOnly, embeddings=True),
    Way("a scale per token, one per channel, 7 bits (served)", Int8Linear),
    Way("the same, 8 bits", partial(Int8Linear, levels=LEVELS)),
    Way("the same, 8 bits, embeddings too", partial(Int8Linear, levels=LEVELS), embeddings=True),
)


def apply(way: Way, model: Any, spared: Collection[str] = ()) -> float:
    """Rounds a model's encoder and decoder in place, but for groups of layers. Returns megabytes of weights then."""
    size = sum(weight.numel() for weight in model.parameters()) * 4
    if way.make is not None:
        for parent, name, layer in _linear_layers(model, spared):
            setattr(parent, name, way.make(layer))
            size -= layer.weight.numel() * 3
    if way.embeddings:
        size -= model.shared.weight.numel() * 3
        with torch.no_grad():
            rounded, scale = rounded_rows(model.shared.weight)
            model.shared.weight.copy_(rounded * scale)
    return size / 1e6


def rounded_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """(N, D) int8 and (N, 1)."""
    scale = (weight.abs().amax(1, keepdim=True) / LEVELS).clamp(min=1e-12)
    return (weight / scale).round().to(torch.int8), scale


def _linear_layers(model: Any, spared: Collection[str]) -> Iterator[tuple[nn.Module, str, nn.Linear]]:
    endings = tuple(ending for group in spared for ending in GROUPS[group])
    for stack in (model.encoder, model.decoder):
        for path, module in list(stack.named_modules()):
            for name, child in list(module.named_children()):
                if type(child) is nn.Linear and not f"{path}.{name}".endswith(endings or ("\0",)):
                    yield module, name, child
