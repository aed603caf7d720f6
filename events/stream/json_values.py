"""Values as any database holds them in JSON."""

import math
from typing import Any

LARGEST = 2**63  # beyond it a number is told as text


def storable(value: Any) -> Any:
    """Without NUL and lone surrogates, infinities, huge numbers or types that JSON lacks."""
    if isinstance(value, dict):
        return {storable(str(key)): storable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [storable(one) for one in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and abs(value) >= LARGEST:
        return str(value)
    return value if isinstance(value, bool | int | float | None) else str(value)
