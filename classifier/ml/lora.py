"""LoRA: small trained matrices beside frozen weights (Hu et al. 2021, arXiv:2106.09685), merged when training ends.

A merged model is a model like any other: artefacts and scoring know nothing of adapters. Neither the embeddings nor
the head are adapted, so nothing is resized and a separate head stays as it is. For model workers: imports torch.
"""

from typing import Any

import torch

ADAPTED = r".*\.(q|k|v|o|wi|wi_0|wi_1|wo)"  # all attention and feed-forward matrices
SCALE = 2  # alpha over rank


def add_adapters(model: Any, rank: int, seed: int) -> Any:
    """Puts adapters into `model`, freezes all else, and returns what `merge` wants. The model's output is unchanged."""
    from peft import LoraConfig, LoraModel  # only the few trainings that use it pay for its import

    torch.manual_seed(seed)
    config = LoraConfig(r=rank, lora_alpha=SCALE * rank, target_modules=ADAPTED, bias="none")
    return LoraModel(model, config, "trained")


def merge(adapters: Any) -> None:
    """Adds the adapters to the weights that they stand beside, and takes them out of the model, in place.

    Raises ValueError if that gives a weight that is not finite.
    """
    model = adapters.model
    # transformers calls every T5 tied (hf_format.py); peft would believe it, and warn of a separate head.
    model.config.tie_word_embeddings = model.lm_head.weight is model.shared.weight
    adapters.merge_and_unload(safe_merge=True)
    model.requires_grad_(True)
