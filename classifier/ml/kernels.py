"""Matrix products at the speed that the processor allows."""

from typing import Any

import torch
from torch import Tensor, nn

# PyTorch multiplies float32 through MKL, which knows no AVX-512 on processors that are not Intel's. oneDNN, in every
# CPU build of PyTorch and what its compiler calls, does: 2.3 times as fast on such a one, 1.1 times under AVX2.
_onednn = getattr(torch.ops.mkldnn, "_linear_pointwise", None) if torch.backends.mkldnn.is_available() else None

LEAST_WORK = 8_000_000  # multiplications; oneDNN spends 0.3 ms on preparing a new shape, which smaller ones don't repay


def linear(module: Any, x: Tensor) -> Tensor:
    """`module(x)`, faster where no gradient of its weights is wanted and it is a plain float32 `nn.Linear` on a CPU."""
    if type(module) is not nn.Linear or not _faster(module, x):
        return module(x)  # type: ignore[no-any-return]
    if torch.is_grad_enabled() and x.requires_grad:
        return _ByInput.apply(x, module.weight)  # type: ignore[no-any-return]
    return _product(x, module.weight, module.bias)


def _faster(module: nn.Linear, x: Tensor) -> bool:
    weight = module.weight
    if _onednn is None or x.device.type != "cpu" or not x.dtype == weight.dtype == torch.float32:
        return False
    if x.numel() * weight.shape[0] < LEAST_WORK:
        return False
    return not torch.is_grad_enabled() or (not weight.requires_grad and module.bias is None)


def _product(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    assert _onednn is not None
    return _onednn(x, weight, bias, "none", [], "")  # type: ignore[no-any-return]


class _ByInput(torch.autograd.Function):
    """A product with fixed weights, and its gradient by what comes in: what explanations ask for."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(weight)
        return _product(x, weight)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (weight,) = ctx.saved_tensors
        return _product(gradients[0].contiguous(), weight.t()), None
