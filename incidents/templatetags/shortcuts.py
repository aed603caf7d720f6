"""The key of an action, as the person who looks at the page has it."""

from django import template

from incidents.shortcuts import ACTIONS, keys_of

register = template.Library()


@register.simple_tag(takes_context=True)
def key_of(context: template.Context, action: str) -> str:
    """The key of one of `incidents.shortcuts.ACTIONS`; reading them all is a look at one column of the user."""
    user = context.get("user")
    return keys_of(user)[action] if user is not None and user.is_authenticated else ACTIONS[action].key


@register.simple_tag
def does(action: str) -> str:
    """What the action is called in the list of keys."""
    return str(ACTIONS[action].label)
