"""What the list of reports draws so often that a template of its own for each would be most of the page's time."""

from functools import cache

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from incidents.services.facets import Value
from incidents.templatetags.caseloop import icon

register = template.Library()
SAMPLE = 4711_4711  # stands for any number of a report


@register.simple_tag
def report_url(name: str, pk: int) -> str:
    """As {% url name pk %}, for a hundred reports of one page."""
    before, after = _around_number(name, get_script_prefix())
    return f"{before}{pk}{after}"


@cache
def _around_number(name: str, prefix: str) -> tuple[str, str]:
    before, _number, after = reverse(name, args=[SAMPLE]).rpartition(str(SAMPLE))
    return before, after


@register.simple_tag
def facet_value(one: Value) -> SafeString:
    """A value of a filter with its number, as a link that chooses it, or leaves it out where it is chosen."""
    if one.chosen:
        said = format_html(
            '{}{}<span class="visually-hidden"> {}</span>', icon("check"), one.label, _("chosen; leave it out")
        )
    else:
        said = format_html("{}", one.label)
    return format_html(
        '<li><a class="facet-value" href="?{}"{}><span class="facet-label">{}</span>'
        '<span class="figure text-secondary">{}</span></a></li>',
        one.query,
        SafeString(' aria-current="true"' if one.chosen else ""),  # nosec B703 # no text of anybody's
        said,
        intcomma(one.number),
    )
