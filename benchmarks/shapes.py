"""T5 models of the published shapes with random weights: speed and memory do not ask what was learnt."""

from typing import Any

import torch
from transformers import T5Config, T5ForConditionalGeneration

VOCABULARY = 32_128
_SHARED = {
    "vocab_size": VOCABULARY,
    "d_kv": 64,
    "feed_forward_proj": "gated-gelu",
    "tie_word_embeddings": False,
    "decoder_start_token_id": 0,
}
SHAPES: dict[str, dict[str, int]] = {
    "flan-t5-small": {"d_model": 512, "d_ff": 1024, "num_heads": 6, "num_layers": 8},
    "flan-t5-base": {"d_model": 768, "d_ff": 2048, "num_heads": 12, "num_layers": 12},
    "flan-t5-large": {"d_model": 1024, "d_ff": 2816, "num_heads": 16, "num_layers": 24},
    "flan-t5-xl": {"d_model": 2048, "d_ff": 5120, "num_heads": 32, "num_layers": 24},
}


def random_t5(name: str, **changed: int) -> Any:
    """Untied head, float32, on the CPU. `changed` overrides the shape."""
    shape = {**SHAPES[name], **changed}
    config = T5Config(num_decoder_layers=shape["num_layers"], **_SHARED, **shape)
    with torch.device("meta"):
        model = T5ForConditionalGeneration(config)
    model.lm_head.weight = torch.nn.Parameter(torch.empty_like(model.shared.weight))
    model.to_empty(device="cpu")
    model.encoder.embed_tokens = model.decoder.embed_tokens = model.shared
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() == 1:  # norms
                weight.fill_(1)
            else:
                weight.normal_(0, weight.shape[-1] ** -0.5, generator=generator)
    return model.eval()
