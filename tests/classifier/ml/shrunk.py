"""`small-scratch` at a size that trains in seconds, otherwise the same."""

from typing import Any

from classifier.ml import scratch

TINY = scratch.Design(vocabulary=400, width=24, head_width=8, encoder_layers=1)


def shrink(patch: Any) -> None:
    patch.setattr(scratch, "DESIGN", TINY)
