"""What templates need beyond Django's own tags: icons, form controls, figures, the look of a state."""

from collections.abc import Iterable
from functools import cache

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

import config
from classifier.ml.personal import find, mask
from incidents.models import Incident
from incidents.services.why import Run

register = template.Library()

# State -> (Tabler tone, icon): the words stand beside them, so colour alone says nothing.
LOOKS = {
    "new": ("azure", "inbox"),
    "classified": ("indigo", "tag"),
    "in_review": ("purple", "eye"),
    "second_look": ("orange", "user-question"),
    "waiting_reporter": ("yellow", "hourglass"),
    "accepted": ("azure", "cpu"),
    "decided": ("green", "circle-check"),
    "rejected": ("secondary", "ban"),
    "merged": ("secondary", "link"),
    "erased": ("secondary", "trash"),
    "erasing": ("purple", "loader"),
    "queued": ("azure", "clock"),
    "running": ("purple", "loader"),
    "done": ("green", "check"),
    "succeeded": ("green", "circle-check"),
    "failed": ("red", "circle-x"),
    "cancelled": ("secondary", "player-stop"),
    "lost": ("orange", "alert-triangle"),
    "challenger": ("azure", "flag"),
    "champion": ("green", "trophy"),
    "previous": ("secondary", "history"),
    "shadow": ("purple", "eye"),
    "archived": ("secondary", "stack-2"),
    "gain": ("green", "trending-up"),
    "loss": ("red", "alert-triangle"),
    "undecided": ("secondary", "question-mark"),
    "same": ("secondary", "check"),
    "starting": ("azure", "loader"),
    "warming": ("yellow", "loader"),
    "ready": ("green", "circle-check"),
    "busy": ("purple", "activity"),
    "stopping": ("secondary", "player-stop"),
    "stopped": ("secondary", "player-stop"),
    "ok": ("green", "circle-check"),
    "warning": ("orange", "alert-triangle"),
    "idle": ("secondary", "clock"),
    "confirm": ("green", "check"),
    "correct": ("indigo", "tags"),
    "reject": ("secondary", "ban"),
    "unsure": ("orange", "question-mark"),
    "open": ("orange", "radar-2"),
    "confirmed": ("red", "alert-triangle"),
    "dismissed": ("secondary", "ban"),
    "above": ("orange", "trending-up"),
    "picked": ("purple", "flag"),
    "ordinary": ("azure", "check"),
    "unscored": ("secondary", "circle-dashed"),
    "filtered": ("secondary", "filter"),
    "suppressed": ("secondary", "eye-off"),
    "waiting": ("yellow", "hourglass"),
    "replayed": ("green", "refresh"),
    "discarded": ("secondary", "trash"),
    "paused": ("secondary", "player-pause"),
    "quiet": ("secondary", "clock"),
    "cold_start": ("azure", "snowflake"),
    "asked": ("azure", "clock"),
    "reverting": ("purple", "loader"),
    "reverted": ("secondary", "arrow-back-up"),
    "delivered": ("green", "check"),
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite, for the eye only: the words beside it, or an aria-label, carry the meaning."""
    return _drawn(name, settings.STORAGES["staticfiles"]["BACKEND"])


@cache
def _drawn(name: str, storage: str) -> SafeString:
    """Drawn once: a page has a hundred, and to ask for the sprite's address took longer than to draw it."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("vendor/icons/sprite.svg"),
        name,
    )


@register.simple_tag
def version() -> str:
    return config.__version__


@register.simple_tag
def sends_mail() -> bool:
    return bool(settings.SENDS_MAIL)


@register.simple_tag
def provider_known() -> bool:
    """Whether people can sign in by an OpenID Connect provider, without a look into the database."""
    return bool(settings.SOCIALACCOUNT_PROVIDERS)


@register.simple_tag
def marked(runs: Iterable[Run]) -> SafeString:
    """A text whose words are marked by how strongly they speak for a label; not a character more."""
    return format_html_join("", "{}", ((_mark(run),) for run in runs))


def _mark(run: Run) -> str:
    if not run.strength:
        return run.text
    return format_html('<mark class="carried carried-{}">{}</mark>', run.strength, run.text)


@register.filter
def masked(words: str, incident: Incident | None = None) -> str:
    """Words about a report without personal data, unless it is disclosed."""
    return mask(words) if incident is None else incident.told(words)


@register.filter
def beginning(incident: Incident, most: int) -> str:
    """Of a report's text, as a row of a list shows it."""
    return Truncator(incident.beginning(most + 1)).chars(most)


@register.filter
def headline(incident: Incident, most: int) -> str:
    """The report's title, or the beginning of its text where it has none."""
    return Truncator(incident.title).chars(most) if incident.title else beginning(incident, most)


@register.simple_tag
def disclosed(text: str) -> SafeString:
    """A text as it was written, with its personal data marked."""
    pieces, done = [], 0
    for found in find(text):
        pieces += [text[done : found.start], _disclosed(text[found.start : found.end])]
        done = found.end
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, text[done:]]))


def _disclosed(value: str) -> SafeString:
    return format_html('<mark class="personal">{}</mark>', value)


@register.filter
def tone(state: str) -> str:
    return LOOKS.get(state, ("secondary", ""))[0]


@register.filter
def state_icon(state: str) -> str:
    return LOOKS.get(state, ("", "info-circle"))[1]


@register.filter
def percent(share: float | None) -> str:
    """0.823 -> `82 %`; nothing known -> `–`. Never rounded to certainty or impossibility; less than 0 is 0."""
    if share is None:
        return "–"
    if 0 < share < 1:
        return f"{min(99, max(1, round(share * 100)))} %"
    return f"{max(share, 0):.0%}".replace("%", " %")


@register.filter
def chance(probability: float | None) -> str:
    """0.823 -> `82 %`; what a model says is never certain: `> 99 %`, `< 1 %`."""
    if probability is None:
        return "–"
    if probability > 0.99:
        return "> 99 %"
    return percent(probability) if probability >= 0.01 else "< 1 %"


@register.simple_tag
def confidence(
    probability: float | None, *, unsure: bool = False, only_category: bool = False, name: str = ""
) -> SafeString:
    """A probability as a bar and a figure; nothing where none is known. `unsure`: it is below the threshold;
    `only_category`: that much is sure; `name`: what the bar measures, for screen readers.
    """
    if probability is None:
        return SafeString("")
    return format_html(
        '<span class="confidence"><meter min="0" max="1" value="{}" aria-label="{}"></meter> '
        '<span class="figure">{}</span>{}{}</span>',
        str(probability),
        name or _("Confidence"),
        chance(probability),
        _mark_of_confidence("orange", "question-mark", _("unsure")) if unsure else "",
        _mark_of_confidence("azure", "check", _("category sure")) if only_category else "",
    )


def _mark_of_confidence(tone: str, sign: str, words: str) -> SafeString:
    return format_html(' <span class="badge bg-{}-lt">{}{}</span>', tone, icon(sign), words)


@register.filter
def control(field: BoundField) -> SafeString:
    """A form field's control with the site's look; Django adds aria-describedby and aria-invalid itself."""
    look = _look(field)
    if field.errors:
        look += " is-invalid"
    return field.as_widget(attrs={"class": look})


def _look(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, CheckboxInput | CheckboxSelectMultiple | RadioSelect):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_choice_list(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxSelectMultiple | RadioSelect)
