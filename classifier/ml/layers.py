"""Attention and feed-forward of T5 on the modules of a Hugging Face model, in training and in serving."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from classifier.ml.kernels import linear

MULTIPLY_COST = 2  # of a batched product in `_absorbed`, beside a plain one: MKL against oneDNN (kernels.py)


class Layers:
    """T5 does not scale attention scores (Raffel et al. 2020, arXiv:1910.10683)."""

    def __init__(self, config: Any) -> None:
        self.heads, self.width = config.num_heads, config.d_kv
        # Hugging Face spells this activation out in seven passes over memory.
        self.fused_gelu = config.dense_act_fn == "gelu_new"

    def attend(self, weights: Any, query: Tensor, source: Tensor, bias: Tensor | None) -> Tensor:
        """(B or 1, M, D) looks at (B, L, D). No dropout here: it costs a sixth of a step, and there is some around."""
        mixed = F.scaled_dot_product_attention(
            self._split(linear(weights.q, query)).expand(len(source), -1, -1, -1),
            self._split(linear(weights.k, source)),
            self._split(linear(weights.v, source)),
            attn_mask=bias,
            scale=1.0,
        )
        return linear(weights.o, mixed.transpose(1, 2).flatten(2))

    def attend_across(self, weights: Any, query: Tensor, encoded: Tensor, bias: Tensor | None) -> Tensor:
        """As `attend`, for attention to the encoder, where `bias` is (B, 1, 1, L)."""
        if self._absorbing(weights, query, encoded):
            return self._absorbed(weights, query, encoded, bias)
        return self.attend(weights, query, encoded, bias)

    def feed_forward(self, layer: Any, x: Tensor) -> Tensor:
        dense, inner = layer.DenseReluDense, layer.layer_norm(x)
        if hasattr(dense, "wi_0"):
            inner = self._activate(dense, linear(dense.wi_0, inner)) * linear(dense.wi_1, inner)
        else:
            inner = self._activate(dense, linear(dense.wi, inner))
        return x + layer.dropout(linear(dense.wo, dense.dropout(inner)))  # type: ignore[no-any-return]

    def _activate(self, dense: Any, x: Tensor) -> Tensor:
        return F.gelu(x, approximate="tanh") if self.fused_gelu else dense.act(x)

    def _split(self, x: Tensor) -> Tensor:
        """(B, L, H * K) -> (B, H, L, K)."""
        return x.unflatten(-1, (self.heads, self.width)).transpose(1, 2)

    def _absorbing(self, weights: Any, query: Tensor, encoded: Tensor) -> bool:
        """Whether few enough positions ask for keys and values of the whole text to cost more than `_absorbed`.

        Without gradients and in float32 only: scores of larger vectors in bfloat16 would be too coarse.
        """
        if torch.is_grad_enabled() or encoded.dtype != torch.float32 or encoded.device.type != "cpu":
            return False
        if type(weights.k) is not nn.Linear or type(weights.v) is not nn.Linear:
            return False  # quantised or adapted: its weight is not all there is to it
        asking, length, size = query.shape[1], encoded.shape[1], encoded.shape[2]
        inside = self.heads * self.width
        plain = length * size * inside
        absorbed = MULTIPLY_COST * asking * (self.heads * size * length + size * inside)
        return bool(absorbed < plain)

    def _absorbed(self, weights: Any, query: Tensor, encoded: Tensor, bias: Tensor | None) -> Tensor:
        """Keys and values are linear in `encoded`, so their weights can go to the query and to the mixture instead.

        q (W e) = (q W) e, and a mixture of V e is V times the mixture of e: no projection of a whole text.
        """
        size = encoded.shape[2]
        keys = weights.k.weight.view(self.heads, self.width, size)
        values = weights.v.weight.view(self.heads, self.width, size)
        asked = torch.einsum("bhmk,hkd->bhmd", self._split(linear(weights.q, query)), keys)
        scores = asked.flatten(1, 2).expand(len(encoded), -1, -1) @ encoded.transpose(1, 2)  # (B, H * M, L)
        if bias is not None:
            scores = scores + bias[:, 0]
        mixed = (scores.softmax(-1) @ encoded).unflatten(1, (self.heads, -1))
        return linear(weights.o, torch.einsum("bhmd,hkd->bmhk", mixed, values).flatten(2))
