"""The forward pass of a T5 over a packed trie of labels, on the weights of a Hugging Face model.

Only weights and the smallest modules (norm, dropout) are Hugging Face's; attention is written here because the
library has no ancestor-only attention with positions by depth. Models that share embeddings and head scale the
decoder's output by d_model^-0.5.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from classifier.ml.layers import Layers
from classifier.ml.positions import buckets_of, text_bias
from classifier.ml.trie import PackedTrie, TriePart

EVERY = slice(None)


class Engine(nn.Module):
    """Encoder and trie decoder of one `T5ForConditionalGeneration`; differentiable, trainable in place."""

    def __init__(self, model: Any, trie: PackedTrie, scale_outputs: bool) -> None:
        super().__init__()
        self.model = model
        self.config = model.config
        self.layers = Layers(model.config)
        self.scale = self.config.d_model**-0.5 if scale_outputs else 1.0
        self.recompute = False  # in training, keep a block's input only and compute the rest again for its gradient
        self.positions = trie.positions
        self.parts = nn.ModuleList(_Part(part, model.config) for part in trie.parts)
        self.register_buffer("path_edges", torch.from_numpy(trie.path_edges), persistent=False)

    def encode(self, ids: Tensor, mask: Tensor) -> Tensor:
        """(B, L) token ids and a mask that is True on real tokens -> (B, L, D)."""
        return self.encode_embedded(self.model.shared(ids), mask)

    def encode_embedded(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """As `encode`, from (B, L, D) token embeddings, so that a gradient by them can be had (explanations)."""
        stack = self.model.encoder
        table = stack.block[0].layer[0].SelfAttention.relative_attention_bias
        bias = text_bias(table, embedded.shape[1], self.config)
        if _pads(mask):
            bias = bias.masked_fill(~mask[:, None, None, :], -torch.inf)
        x = stack.dropout(embedded)
        for block in stack.block:
            x = self._through(self._encoder_block, block, x, bias)
        encoded: Tensor = stack.dropout(stack.final_layer_norm(x))
        return encoded

    def path_log_probabilities(self, encoded: Tensor, mask: Tensor) -> Tensor:
        """(B, L, D) and its mask -> (B, P) float32, each row a distribution over all paths."""
        if not self.parts:  # a single path: nothing to decide
            return encoded.new_zeros(len(encoded), len(self.path_edges), dtype=torch.float32)
        seen = None
        if _pads(mask):
            seen = torch.zeros_like(mask, dtype=encoded.dtype).masked_fill(~mask, -torch.inf)[:, None, None, :]
        edges = torch.cat([self._edges(part, encoded, seen) for part in self.parts], dim=1)
        return F.pad(edges, (0, 1))[:, self.path_edges].sum(-1)

    def _edges(self, part: Any, encoded: Tensor, seen: Tensor | None) -> Tensor:
        """(B, E) float32: the log-probability of each edge at its branch."""
        states = self._decode(part, encoded, seen) * self.scale
        logits = F.linear(states, self.model.lm_head.weight[part.head_rows]).float()
        return part.normalised(logits.flatten(1)[:, part.edge_logits])  # type: ignore[no-any-return]

    def _decode(self, part: Any, encoded: Tensor, seen: Tensor | None) -> Tensor:
        """(B, N, D): decoder states of a part's branching positions."""
        stack = self.model.decoder
        embedding = stack.block[0].layer[0].SelfAttention.relative_attention_bias
        bias = embedding(part.buckets).permute(2, 0, 1)[None].masked_fill(part.strangers, -torch.inf)
        x = self.model.shared(part.tokens)[None]
        if self.training:
            x = x.expand(len(encoded), -1, -1)  # dropout differs by report; without it the first layer is shared
        x = stack.dropout(x)
        last = len(stack.block) - 1
        for number, block in enumerate(stack.block):
            kept = part.branches if number == last else EVERY  # of the others only keys and values matter there
            x = self._through(self._decoder_block, block, x, bias[:, :, kept], encoded, seen, kept)
        states: Tensor = stack.dropout(stack.final_layer_norm(x))
        return states

    def _through(self, compute: Callable[..., Tensor], *arguments: Any) -> Tensor:
        if self.recompute and self.training:
            return checkpoint(compute, *arguments, use_reentrant=False)  # type: ignore[no-any-return]
        return compute(*arguments)

    def _encoder_block(self, block: Any, x: Tensor, bias: Tensor) -> Tensor:
        attention, feed_forward = block.layer
        inner = attention.layer_norm(x)
        x = x + attention.dropout(self.layers.attend(attention.SelfAttention, inner, inner, bias))
        return self.layers.feed_forward(feed_forward, x)

    def _decoder_block(
        self, block: Any, x: Tensor, bias: Tensor, encoded: Tensor, seen: Tensor | None, kept: Any
    ) -> Tensor:
        attention, cross, feed_forward = block.layer
        inner = attention.layer_norm(x)
        x = x[:, kept] + attention.dropout(
            self.layers.attend(attention.SelfAttention, inner[:, kept], inner, bias),
        )
        query = cross.layer_norm(x)
        x = x + cross.dropout(self.layers.attend_across(cross.EncDecAttention, query, encoded, seen))
        return self.layers.feed_forward(feed_forward, x)


class _Part(nn.Module):
    """The indices of a `TriePart`, which move with the model."""

    def __init__(self, part: TriePart, config: Any) -> None:
        super().__init__()
        depths = torch.from_numpy(part.depths)
        edge_branches = torch.from_numpy(part.edge_branches)
        head_rows, columns = torch.unique(torch.from_numpy(part.edge_tokens), return_inverse=True)
        buffers = {
            "tokens": torch.from_numpy(part.tokens),
            "buckets": buckets_of(depths[None, :] - depths[:, None], False, config),
            "strangers": torch.from_numpy(~part.ancestors),
            "branches": torch.from_numpy(part.branches),
            "head_rows": head_rows,
            "edge_branches": edge_branches,
            "edge_logits": edge_branches * len(head_rows) + columns,
        }
        for name, value in buffers.items():
            self.register_buffer(name, value, persistent=False)

    def normalised(self, edges: Tensor) -> Tensor:
        """(B, E) logits -> log-probabilities that sum to 1 over the edges of each branch."""
        owner = self.edge_branches.expand_as(edges)
        empty = edges.new_full((len(edges), len(self.branches)), -torch.inf)
        top = empty.scatter_reduce(1, owner, edges.detach(), "amax")
        sums = torch.zeros_like(top).scatter_add(1, owner, (edges - top.gather(1, owner)).exp())
        return edges - (top + sums.log())[:, self.edge_branches]


def _pads(mask: Tensor) -> bool:
    """Whether attention has to be told of padding. On a GPU, looking would cost more than telling."""
    return mask.device.type != "cpu" or not bool(mask.all())
