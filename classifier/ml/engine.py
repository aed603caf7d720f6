"""The forward pass of a T5 over a packed trie of labels, on the weights of a Hugging Face model.

Only weights and the small modules (norm, feed-forward) are Hugging Face's; attention is written here because the
library has no ancestor-only attention with positions by depth. T5 does not scale attention scores (Raffel et al.
2020, arXiv:1910.10683); models that share embeddings and head scale the decoder's output by d_model^-0.5.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from classifier.ml.trie import PackedTrie


class Engine(nn.Module):
    """Encoder and trie decoder of one `T5ForConditionalGeneration`; differentiable, trainable in place."""

    def __init__(self, model: Any, trie: PackedTrie, scale_outputs: bool) -> None:
        super().__init__()
        self.model = model
        self.config = model.config
        self.scale = self.config.d_model**-0.5 if scale_outputs else 1.0
        self.recompute = False  # in training, keep a block's input only and compute the rest again for its gradient
        unique, inverse = torch.unique(torch.from_numpy(trie.edge_tokens), return_inverse=True)
        edge_branches = torch.from_numpy(trie.edge_branches)
        depths = torch.from_numpy(trie.depths)
        buffers = {
            "tokens": torch.from_numpy(trie.tokens),
            "distances": depths[None, :] - depths[:, None],
            "visible": torch.from_numpy(trie.ancestors),
            "branches": torch.from_numpy(trie.branches),
            "head_rows": unique,
            "edge_branches": edge_branches,
            "edge_logits": edge_branches * len(unique) + inverse,
            "path_edges": torch.from_numpy(trie.path_edges),
        }
        for name, value in buffers.items():
            self.register_buffer(name, value, persistent=False)

    def encode(self, ids: Tensor, mask: Tensor) -> Tensor:
        """(B, L) token ids and a mask that is True on real tokens -> (B, L, D)."""
        return self.encode_embedded(self.model.shared(ids), mask)

    def encode_embedded(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """As `encode`, from (B, L, D) token embeddings, so that a gradient by them can be had."""
        stack = self.model.encoder
        positions = torch.arange(embedded.shape[1], device=embedded.device)
        first = stack.block[0].layer[0].SelfAttention
        bias = self._position_bias(first, positions[None, :] - positions[:, None], bidirectional=True)
        bias = bias.masked_fill(~mask[:, None, None, :], -torch.inf)
        x = stack.dropout(embedded)
        for block in stack.block:
            x = self._through(self._encoder_block, block, x, bias)
        encoded: Tensor = stack.dropout(stack.final_layer_norm(x))
        return encoded

    def path_log_probabilities(self, encoded: Tensor, mask: Tensor) -> Tensor:
        """(B, L, D) and its mask -> (B, P) float32, each row a distribution over all paths."""
        if not len(self.edge_branches):  # a single path: nothing to decide
            return encoded.new_zeros(len(encoded), len(self.path_edges), dtype=torch.float32)
        states = self._decode(encoded, mask)[:, self.branches] * self.scale
        logits = F.linear(states, self.model.lm_head.weight[self.head_rows]).float()
        edges = logits.flatten(1)[:, self.edge_logits]
        edges = edges - self._branch_logsumexp(edges)[:, self.edge_branches]
        return F.pad(edges, (0, 1))[:, self.path_edges].sum(-1)

    def _decode(self, encoded: Tensor, mask: Tensor) -> Tensor:
        """(B, M, D): decoder states of all packed positions."""
        stack = self.model.decoder
        first = stack.block[0].layer[0].SelfAttention
        bias = self._position_bias(first, self.distances, bidirectional=False)
        bias = bias.masked_fill(~self.visible, -torch.inf)
        seen = torch.zeros_like(mask, dtype=encoded.dtype).masked_fill(~mask, -torch.inf)[:, None, None, :]
        x = self.model.shared(self.tokens)[None]
        if self.training:
            x = x.expand(len(encoded), -1, -1)  # dropout differs by report; without it the first layer is shared
        x = stack.dropout(x)
        for block in stack.block:
            x = self._through(self._decoder_block, block, x, bias, encoded, seen)
        states: Tensor = stack.dropout(stack.final_layer_norm(x))
        return states

    def _through(self, compute: Callable[..., Tensor], *arguments: Any) -> Tensor:
        if self.recompute and self.training:
            return checkpoint(compute, *arguments, use_reentrant=False)  # type: ignore[no-any-return]
        return compute(*arguments)

    def _encoder_block(self, block: Any, x: Tensor, bias: Tensor) -> Tensor:
        attention, feed_forward = block.layer
        inner = attention.layer_norm(x)
        x = x + attention.dropout(self._attend(attention.SelfAttention, inner, inner, bias))
        return feed_forward(x)  # type: ignore[no-any-return]

    def _decoder_block(self, block: Any, x: Tensor, bias: Tensor, encoded: Tensor, seen: Tensor) -> Tensor:
        attention, cross, feed_forward = block.layer
        inner = attention.layer_norm(x)
        x = x + attention.dropout(self._attend(attention.SelfAttention, inner, inner, bias))
        query = cross.layer_norm(x).expand(len(encoded), -1, -1)
        x = x + cross.dropout(self._attend(cross.EncDecAttention, query, encoded, seen))
        return feed_forward(x)  # type: ignore[no-any-return]

    def _attend(self, weights: Any, query: Tensor, source: Tensor, bias: Tensor) -> Tensor:
        def heads(x: Tensor) -> Tensor:
            return x.unflatten(-1, (self.config.num_heads, self.config.d_kv)).transpose(1, 2)

        mixed = F.scaled_dot_product_attention(
            heads(weights.q(query)),
            heads(weights.k(source)),
            heads(weights.v(source)),
            attn_mask=bias,  # no dropout in here: it costs a sixth of a step, and there is dropout around it
            scale=1.0,
        )
        return weights.o(mixed.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]

    def _position_bias(self, attention: Any, distances: Tensor, bidirectional: bool) -> Tensor:
        """(Q, K) distances key minus query -> (1, H, Q, K)."""
        buckets = relative_buckets(
            distances,
            bidirectional,
            self.config.relative_attention_num_buckets,
            self.config.relative_attention_max_distance,
        )
        bias: Tensor = attention.relative_attention_bias(buckets).permute(2, 0, 1)[None]
        return bias

    def _branch_logsumexp(self, edges: Tensor) -> Tensor:
        """(B, E) logits -> (B, N): over the edges of each branch."""
        owner = self.edge_branches.expand_as(edges)
        empty = edges.new_full((len(edges), len(self.branches)), -torch.inf)
        top = empty.scatter_reduce(1, owner, edges.detach(), "amax")
        sums = torch.zeros_like(top).scatter_add(1, owner, (edges - top.gather(1, owner)).exp())
        return top + sums.log()


def relative_buckets(distances: Tensor, bidirectional: bool, buckets: int, furthest: int) -> Tensor:
    """T5's bucket of each distance (key minus query): exact when near, logarithmic up to `furthest`."""
    if bidirectional:
        buckets //= 2
        offset = (distances > 0).long() * buckets
        away = distances.abs()
    else:
        offset = torch.zeros_like(distances)
        away = (-distances).clamp(min=0)
    exact = buckets // 2
    growth = torch.log(away.clamp(min=1).float() / exact) / math.log(furthest / exact)
    far = (exact + (growth * (buckets - exact)).long()).clamp(max=buckets - 1)
    return offset + torch.where(away < exact, away, far)
