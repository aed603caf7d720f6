"""The keys of the review page: what each does, which it is at first, and which a person chose instead."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.models import User

DIGITS = "1234567890"  # they choose what is listed
NAMED = {"enter": "Enter", "delete": "Delete", "insert": "Insert", "home": "Home", "end": "End"}
RESERVED = {*DIGITS, "?"}  # of every page, or of the lists


@dataclass(frozen=True)
class Action:
    """What a key does; `key` as a browser names it."""

    name: str
    label: str | Promise
    key: str


ACTIONS = {
    action.name: action
    for action in (
        Action("confirm", _("Confirm or correct, and go on"), "Enter"),
        Action("reject", _("Reject: this is no incident"), "x"),
        Action("unsure", _("Not sure: somebody else looks"), "n"),
        Action("skip", _("Skip with a reason"), "s"),
        Action("expected", _("Expected until a day: reject and suppress"), "e"),
        Action("undo", _("Undo what I did last"), "u"),
        Action("search", _("Search labels; Enter takes the first, Escape leaves"), "/"),
        Action("categories", _("Back to the categories"), "c"),
        Action("guide", _("Guide of the labels"), "g"),
        Action("suggestions", _("Hide or show suggestions"), "v"),
        Action("again", _("Send again what did not arrive"), "r"),
        Action("stop", _("Stop reviewing"), "q"),
    )
}


def keys_of(user: User) -> dict[str, str]:
    """Action -> key: the person's own where there is one."""
    own = user.shortcuts if isinstance(user.shortcuts, Mapping) else {}
    return {name: str(own.get(name) or action.key) for name, action in ACTIONS.items()}
