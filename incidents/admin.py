"""Admin pages of the human side. Sign-in goes through the site's own page, with its limits."""

from dataclasses import asdict
from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

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
from incidents.services import second_factor
from incidents.services.leaving import end_access
from incidents.services.staff import settle_role
from incidents.services.tokens import revoke_token

admin.site.site_header = admin.site.site_title = "Caseloop administration"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.unregister(Group)  # roles are what incidents.roles says
# Secrets of second factors and keys of sessions are for nobody's eyes; providers are set by the environment.
admin.site.unregister([Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession])


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]
    """Accounts and their roles. Only a superuser touches superusers, or makes one."""

    list_display = ["username", "email", "role", "has_second_factor", "is_active", "last_login", "date_joined"]
    list_filter = ["groups", "is_active"]
    actions = ["reset_second_factor", "end_access"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        ("Role", {"fields": ["groups", "is_active"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=second_factor.FACTORS)
        accounts: QuerySet[User] = super().get_queryset(request).prefetch_related("groups")
        return accounts.annotate(factor=Exists(factors))

    @admin.display(boolean=True, description=_lazy("second factor"))
    def has_second_factor(self, user: Any) -> bool:
        return bool(user.factor)

    @admin.action(description=_lazy("Reset the second factor: lost device"), permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Their sessions end, too; one's own is changed on the site's page, where it has to be shown first."""
        for user in self._others(request, queryset):
            second_factor.reset(user, by=cast(User, request.user))
            self.message_user(request, _("The second factor of %(name)s is reset.") % {"name": user}, messages.SUCCESS)

    @admin.action(description=_lazy("End all sessions and tokens: somebody leaves"), permissions=["change"])
    def end_access(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in self._others(request, queryset):
            ended = end_access(user, by=cast(User, request.user))
            words = _("Ended of %(name)s: %(sessions)s sessions, %(tokens)s tokens.")
            self.message_user(request, words % {"name": user, **asdict(ended)}, messages.SUCCESS)

    def _others(self, request: HttpRequest, queryset: QuerySet[User]) -> list[User]:
        """Whom this person may change, but themselves."""
        return [user for user in queryset if user != request.user and self.has_change_permission(request, user)]

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
