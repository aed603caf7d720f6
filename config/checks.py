"""What `manage.py check --deploy` says beyond Django's own: decisions that weaken a site that others reach."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def second_factor(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.MFA_FOR_ADMINS:
        return []
    hint = "Leave MFA_FOR_ADMINS out, or set it to true; false is for a demonstration."
    return [Warning("Admins sign in with a password alone.", hint=hint, id="caseloop.W001")]


@register(Tags.security, deploy=True)
def shared_cache(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.CACHE_URL:
        return []
    hint = "Name a Redis by CACHE_URL: the broker is none."
    return [Warning("Limits are counted in each process by itself.", hint=hint, id="caseloop.W002")]
