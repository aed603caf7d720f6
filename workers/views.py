"""How the work stands: for people, for Prometheus, for whoever watches the process."""

import hmac

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from classifier.models import ModelVersion
from incidents.access import SignedInRequest, needs
from incidents.services.audit_runs import audit_state
from workers import interventions, metrics
from workers.models import Job
from workers.status import snapshot

FAILED_SHOWN = 20


@require_safe
@needs("incidents.review_incident")
@never_cache
def status(request: SignedInRequest) -> HttpResponse:
    champion = ModelVersion.objects.champion()
    context = {
        "snapshot": snapshot(),
        "audit": audit_state(),
        "failed": Job.objects.filter(status=Job.Status.FAILED)[:FAILED_SHOWN],
        "champion": champion,
        "champion_error": champion.artefact_error if champion else "",
        "promotion": champion.promotions.select_related("by").first() if champion else None,
    }
    return render(request, "workers/status.html", context)


@require_POST
@needs("workers.change_job")
def retry_job(request: SignedInRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=pk)
    if interventions.retry(job, by=request.user):
        messages.success(request, gettext("Job %(pk)s is queued again.") % {"pk": job.pk})
    else:
        messages.info(request, gettext("Job %(pk)s has not failed; nothing was changed.") % {"pk": job.pk})
    return redirect("status")


@require_safe
@never_cache
def metrics_page(request: HttpRequest) -> HttpResponse:
    if not (_has_metrics_token(request) or request.user.has_perm("incidents.review_incident")):
        raise PermissionDenied("Sign in as an analyst, or send METRICS_TOKEN as a bearer token.")
    return HttpResponse(metrics.text(), content_type=CONTENT_TYPE_LATEST)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """`ok` while the database answers; its error goes the way of every error otherwise (503)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def _has_metrics_token(request: HttpRequest) -> bool:
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(sent.encode(), settings.METRICS_TOKEN.encode())
