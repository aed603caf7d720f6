"""Jobs in the Django admin: to look at, to retry, to cancel; never to edit."""

from typing import cast

from django.contrib import admin, messages
from django.http import HttpRequest

from config.admin import ReadOnlyAdmin
from incidents.models import User
from workers import interventions
from workers.models import Job, JobQuerySet, WorkerHeartbeat


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["pk", "kind", "object_id", "queue", "priority", "status", "attempts", "lost_leases", "error"]
    list_filter = ["status", "kind", "queue", "priority"]
    search_fields = ["=object_id", "idempotency_key"]
    actions = ["retry", "cancel"]

    def has_intervene_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("workers.change_job")

    @admin.action(description="Retry failed and cancelled jobs", permissions=["intervene"])
    def retry(self, request: HttpRequest, queryset: JobQuerySet) -> None:
        count = sum(interventions.retry(job, by=cast(User, request.user)) for job in queryset)
        self.message_user(request, f"{count} queued again.", messages.SUCCESS)

    @admin.action(description="Cancel queued and running jobs", permissions=["intervene"])
    def cancel(self, request: HttpRequest, queryset: JobQuerySet) -> None:
        count = sum(interventions.cancel(job, by=cast(User, request.user)) for job in queryset)
        self.message_user(request, f"{count} cancelled, or asked to stop.", messages.SUCCESS)


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnlyAdmin):
    list_display = ["name", "queue", "state", "device", "model", "seen_at"]
    list_filter = ["queue", "state"]
