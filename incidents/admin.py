"""Admin pages of the human side. Sign-in goes through the site's own page, with its limits."""

from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from config.admin import ReadOnlyAdmin
from incidents.models import (
    ApiToken,
    AuditEvent,
    Category,
    Incident,
    Label,
    Path,
    Setting,
    SubCategory,
    TaxonomyVersion,
    User,
)
from incidents.services.staff import settle_role
from incidents.services.tokens import revoke_token

admin.site.site_header = admin.site.site_title = "Caseloop administration"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.unregister(Group)  # roles are what incidents.roles says


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]
    """Accounts and their roles. Only a superuser touches superusers, or makes one."""

    list_display = ["username", "email", "role", "is_active", "last_login", "date_joined"]
    list_filter = ["groups", "is_active"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        ("Role", {"fields": ["groups", "is_active"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        before = form.instance.role
        super().save_related(request, form, formsets, change)
        settle_role(form.instance, before=before, by=cast(User, request.user))


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens are made by their owners; an admin may revoke them."""

    list_display = ["name", "user", "scopes", "created", "expiry"]
    search_fields = ["name", "user__username"]
    fields = ["name", "user", "scopes", "created", "expiry"]
    list_select_related = ["user"]

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return request.user.has_perm("incidents.delete_apitoken")

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        revoke_token(obj, by=cast(User, request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            revoke_token(token, by=cast(User, request.user))


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = [
        "id", "title", "status", "source", "current_category", "current_confidence", "reporter", "created_at",
    ]  # fmt: skip
    list_display_links = ["id", "title"]
    list_filter = ["status", "source", "current_unsure", "split"]
    list_select_related = ["current_text", "reporter"]
    search_fields = ["=id", "current_text__title", "reporter__username"]
    date_hierarchy = "created_at"
    exclude = ["contact"]  # shown on the report's page, and not without a row in the audit log


@admin.register(Label)
class LabelAdmin(ReadOnlyAdmin):
    list_display = ["id", "incident", "verdict", "reviewer", "source", "shown_model", "created_at", "stands"]
    list_filter = ["verdict", "source"]
    list_select_related = ["incident", "reviewer", "retraction"]
    search_fields = ["=incident__id", "reviewer__username"]

    @admin.display(boolean=True)
    def stands(self, label: Label) -> bool:
        return not hasattr(label, "retraction")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "kind", "actor", "incident", "subject", "detail"]
    list_filter = ["kind"]
    list_select_related = ["actor", "incident"]
    search_fields = ["kind", "subject", "actor__username", "=incident__id"]
    date_hierarchy = "created_at"


@admin.register(Category, SubCategory)
class GuideAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Guide texts. A name is part of what models learned and labels mean, so it is not changed here."""

    list_display = ["name", "guide"]
    search_fields = ["name"]
    readonly_fields = ["name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Path)
class PathAdmin(ReadOnlyAdmin):
    list_display = ["key", "sub_category"]
    list_select_related = ["sub_category"]
    search_fields = ["key"]


@admin.register(TaxonomyVersion)
class TaxonomyVersionAdmin(ReadOnlyAdmin):
    list_display = ["id", "content_hash", "created_at"]


@admin.register(Setting)
class SettingAdmin(ReadOnlyAdmin):
    """The history of settings; they are changed on the settings page."""

    list_display = ["key", "value", "set_by", "created_at"]
    list_filter = ["key"]
    list_select_related = ["set_by"]
