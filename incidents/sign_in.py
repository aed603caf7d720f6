"""Who a signed-in person is, and what they may do."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission


class RoleBackend(ModelBackend):
    """Django's own, which reads what a person holds by their roles and of their own in one query instead of two."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None or user_obj.is_superuser:
            return set(super().get_all_permissions(user_obj, obj))
        if not hasattr(user_obj, "_perm_cache"):  # Django's name for it, cleared with the object
            by_role = Permission.objects.filter(group__in=user_obj.groups.all()).order_by()
            names = ("content_type__app_label", "codename")
            held = by_role.values_list(*names).union(user_obj.user_permissions.order_by().values_list(*names))
            user_obj._perm_cache = {f"{app}.{name}" for app, name in held}
        return set(user_obj._perm_cache)
