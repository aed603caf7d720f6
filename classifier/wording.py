"""How figures of models and trainings are written."""


def duration(seconds: float | None) -> str:
    """96.2 -> `1 min 36 s`, and so on up to days and hours; nothing known -> `–`."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def share(value: float | None) -> str:
    """0.8234 -> `82.3 %` on one line; nothing measured -> `–`."""
    return "–" if value is None else f"{value * 100:.1f}\u00a0%"


def decimal(value: float | None) -> str:
    """0.03124 -> `0.031`; nothing measured -> `–`."""
    return "–" if value is None else f"{value:.3f}"
