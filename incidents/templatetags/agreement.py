"""How the agreement page writes differences and short times."""

from django import template
from django.utils.formats import number_format

from classifier.wording import duration

register = template.Library()


@register.filter
def points(difference: float) -> str:
    """0.123 -> `+12`: percentage points with their sign."""
    whole = round(difference * 100)
    return f"+{whole}" if whole > 0 else str(whole).replace("-", "−")


@register.filter
def brief(seconds: float) -> str:
    """As `duration`; with a decimal below ten seconds, where fast people differ."""
    return f"{number_format(seconds, 1)} s" if seconds < 10 else duration(seconds)
