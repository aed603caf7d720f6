"""What a report's text holds that nobody sees, in words."""

from collections.abc import Callable

from django import template
from django.utils.translation import ngettext

from classifier.ml.hidden import Hidden, hidden
from incidents.models import Incident

register = template.Library()

WORDS: dict[Hidden, Callable[[int], str]] = {
    Hidden.IN_WORDS: lambda n: ngettext("%(n)s unseen inside words", "%(n)s unseen inside words", n),
    Hidden.TAGS: lambda n: ngettext("%(n)s that is never drawn", "%(n)s that are never drawn", n),
    Hidden.BACKWARDS: lambda n: ngettext(
        "%(n)s that has words shown backwards", "%(n)s that have words shown backwards", n
    ),
    Hidden.LOOKALIKES: lambda n: ngettext(
        "%(n)s letter of another script in Latin words", "%(n)s letters of another script in Latin words", n
    ),
    Hidden.COVERED: lambda n: ngettext("%(n)s that covers letters", "%(n)s that cover letters", n),
}


@register.simple_tag
def hidden_characters(incident: Incident) -> list[str]:
    """How many of each kind, in the order of `Hidden`; none for an ordinary text. As it was written: a value that is
    masked hides some, too.
    """
    written = incident.current_text
    found = hidden(f"{written.title}\n{written.text}") if written else {}
    return [WORDS[kind](found[kind]) % {"n": found[kind]} for kind in Hidden if kind in found]
