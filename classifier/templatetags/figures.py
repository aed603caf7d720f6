"""Figures in templates."""

from django import template

from classifier import wording

register = template.Library()
register.filter("duration", wording.duration)
register.filter("share", wording.share)
register.filter("decimal", wording.decimal)
