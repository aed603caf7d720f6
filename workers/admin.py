"""Jobs in the Django admin: to look at, to retry, to cancel; never to edit."""

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest

from workers import jobs
from workers.models import Job, JobQuerySet, WorkerHeartbeat


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(ReadOnly):
    list_display = ["pk", "kind", "object_id", "queue", "priority", "status", "attempts", "lost_leases", "error"]
    list_filter = ["status", "kind", "queue", "priority"]
    search_fields = ["=object_id", "idempotency_key"]
    readonly_fields = [field.name for field in Job._meta.get_fields()]
    actions = ["retry", "cancel"]

    @admin.action(description="Retry failed and cancelled jobs", permissions=["change"])
    def retry(self, request: HttpRequest, queryset: JobQuerySet) -> None:
        with transaction.atomic():
            count = sum(jobs.retry(job) for job in queryset)
        self.message_user(request, f"{count} queued again.", messages.SUCCESS)

    @admin.action(description="Cancel queued and running jobs", permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: JobQuerySet) -> None:
        count = sum(jobs.cancel(job) for job in queryset)
        self.message_user(request, f"{count} cancelled, or asked to stop.", messages.SUCCESS)


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnly):
    list_display = ["name", "queue", "state", "device", "model", "seen_at"]
    list_filter = ["queue", "state"]
    readonly_fields = [field.name for field in WorkerHeartbeat._meta.get_fields()]
