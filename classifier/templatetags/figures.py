"""Figures in templates."""

from django import template

from classifier import wording
from classifier.models import Promotion
from classifier.services.move_history import Move

register = template.Library()


@register.filter
def by_whom(move: Promotion | Move) -> str:
    return wording.by_whom(move.by, move.by_itself)


register.filter("duration", wording.duration)
register.filter("share", wording.share)
register.filter("decimal", wording.decimal)
register.filter("points", wording.points)
register.filter("class_verdict", wording.class_verdict)
register.filter("amount", wording.amount)
register.filter("in_words", wording.in_words)
