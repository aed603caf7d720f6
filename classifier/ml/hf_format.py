"""T5 models in Hugging Face format: read and written without the library's traps.

Weights are read from safetensors directly. transformers 5.x builds every T5 tied, whatever `tie_word_embeddings`
says, and resizing such a model overwrites a separate head; so the head is set here, explicitly, and
`tie_word_embeddings` keeps the one meaning that all versions agree on: scale the decoder's output or not.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import T5Config, T5ForConditionalGeneration

CONFIG, WEIGHTS, PIECES = "config.json", "model.safetensors", "spiece.model"
SHARED = "shared.weight"
HEAD = "lm_head.weight"
COPIES = frozenset({"encoder.embed_tokens.weight", "decoder.embed_tokens.weight"})
# Left over in old checkpoints; no T5 has ever used it.
UNUSED = frozenset({"decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"})


class NotT5(ValueError):
    """The folder is not a T5 in Hugging Face format."""


def build(config: dict[str, Any], state: dict[str, Tensor]) -> Any:
    """A float32 `T5ForConditionalGeneration` with exactly these weights; without a head in `state`, a tied one.

    Raises NotT5 if names or shapes do not fit the configuration.
    """
    with torch.device("meta"):
        model = T5ForConditionalGeneration(T5Config.from_dict(config))
    state = {name: value.float() for name, value in state.items() if name not in UNUSED | COPIES}
    shared = state[SHARED]
    head = state.pop(HEAD, None)
    try:
        found = model.load_state_dict(state, strict=False, assign=True)
    except RuntimeError as error:
        raise NotT5(f"the weights do not fit {CONFIG}: {error}") from error
    missing = set(found.missing_keys) - COPIES - {HEAD}
    if missing or found.unexpected_keys:
        raise NotT5(f"weights missing: {sorted(missing)}, unexpected: {sorted(found.unexpected_keys)}")
    model.shared.weight = nn.Parameter(shared)
    model.encoder.embed_tokens = model.decoder.embed_tokens = model.shared
    model.lm_head.weight = model.shared.weight if head is None else nn.Parameter(head)
    return model


def scales_outputs(config: dict[str, Any]) -> bool:
    """Whether the decoder's output is multiplied by d_model^-0.5 before the head."""
    flag = config.get("scale_decoder_outputs")
    return bool(config.get("tie_word_embeddings", True) if flag is None else flag)


def read(folder: Path) -> tuple[Any, bool]:
    """The model of a folder, and whether it scales its outputs. Raises NotT5."""
    config = read_config(folder)
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise NotT5(f"{folder} has no safetensors weights; convert the model, other formats are not read")
    state: dict[str, Tensor] = {}
    for file in files:
        state.update(load_file(file))
    if SHARED not in state:
        raise NotT5(f"the weights of {folder} lack {SHARED}")
    return build(config, state), scales_outputs(config)


def read_config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    if not path.is_file():
        raise NotT5(f"{folder} has no {CONFIG}")
    config: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if config.get("model_type") != "t5":
        raise NotT5(f"{folder} holds a model of type {config.get('model_type')!r}, not 't5'")
    return config


def state_of(model: Any) -> dict[str, Tensor]:
    """The weights once each, in float32 on the CPU: copies of the embeddings and a tied head left out."""
    tied = model.lm_head.weight is model.shared.weight
    skipped = COPIES | {HEAD} if tied else COPIES
    return {
        name: value.detach().to("cpu", torch.float32).contiguous().clone()
        for name, value in model.state_dict().items()
        if name not in skipped
    }


def write(model: Any, scale_outputs: bool, folder: Path) -> None:
    """config.json and model.safetensors, readable by `from_pretrained` too."""
    config = {**model.config.to_dict(), "tie_word_embeddings": scale_outputs}
    config["scale_decoder_outputs"] = scale_outputs
    (folder / CONFIG).write_text(json.dumps(config, indent=1, sort_keys=True), "utf-8")
    save_file(state_of(model), folder / WEIGHTS, metadata={"format": "pt"})
