"""T5 models of a few thousand parameters with random weights."""

from typing import Any

import torch
from transformers import T5Config, T5ForConditionalGeneration


def tiny_t5(tied: bool = True, gated: bool = False, layers: int = 2, vocabulary: int = 96, seed: int = 0) -> Any:
    """Weights are made larger than T5's own start, so that every part of the computation shows."""
    torch.manual_seed(seed)
    config = T5Config(
        vocab_size=vocabulary,
        d_model=16,
        d_kv=5,
        d_ff=24,
        num_heads=3,
        num_layers=layers,
        num_decoder_layers=layers,
        relative_attention_num_buckets=8,
        relative_attention_max_distance=12,
        feed_forward_proj="gated-gelu" if gated else "relu",
        tie_word_embeddings=tied,
        decoder_start_token_id=0,
    )
    model = T5ForConditionalGeneration(config)
    with torch.no_grad():
        if not tied:
            model.lm_head.weight = torch.nn.Parameter(torch.randn(vocabulary, 16))
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.4)
    return model.eval()
