"""How many notices a person has not read."""

from django import template

from incidents.models import User
from incidents.services.notices import MOST_COUNTED, count_unread

register = template.Library()


@register.simple_tag
def unread_notices(user: User) -> str:
    """The number as the top bar says it; empty where there is none. One count of an index, bounded."""
    count = count_unread(user)
    return f"{MOST_COUNTED}+" if count >= MOST_COUNTED else str(count or "")
