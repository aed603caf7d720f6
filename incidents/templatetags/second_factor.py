"""What pages say about the second factor of whoever looks at them."""

from django import template

from incidents.models import User
from incidents.services import second_factor

register = template.Library()


@register.simple_tag
def second_factor_missing(user: User) -> bool:
    """Whether this account has to set one up before anything else."""
    return second_factor.is_required(user) and not second_factor.has_one(user)
