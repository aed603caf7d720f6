"""Matrix products at the speed that the processor allows."""

from typing import Any

import torch
from torch import Tensor, nn

# PyTorch multiplies float32 through MKL, which knows no AVX-512 on processors that are not Intel's. oneDNN, in every
# CPU build of PyTorch and what its compiler calls, does: 2.3 times as fast on such a one, 1.1 times under AVX2.
_onednn = getattr(torch.ops.mkldnn, "_linear_pointwise", None) if torch.backends.mkldnn.is_available() else None


def linear(module: Any, x: Tensor) -> Tensor:
    """`module(x)`, faster where no gradient is wanted and `module` is a plain float32 `nn.Linear` on a CPU."""
    if type(module) is not nn.Linear or not _faster(x, module.weight):
        return module(x)  # type: ignore[no-any-return]
    assert _onednn is not None
    return _onednn(x, module.weight, module.bias, "none", [], "")  # type: ignore[no-any-return]


def _faster(x: Tensor, weight: Tensor) -> bool:
    if _onednn is None or torch.is_grad_enabled() or x.device.type != "cpu":
        return False
    return bool(x.dtype == weight.dtype == torch.float32)
