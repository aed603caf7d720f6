"""Webhooks: what programs outside are told, and how that went."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.access import SignedInRequest, needs
from incidents.forms.webhooks import WebhookForm
from incidents.models import Webhook, WebhookDelivery
from incidents.services import webhooks as service

PAGE_SIZE = 30
State = WebhookDelivery.State


@require_http_methods(["GET", "HEAD", "POST"])
@needs("incidents.manage_webhooks")
def webhooks(request: SignedInRequest) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    if form.is_bound and form.is_valid():
        service.save(form.save(commit=False), by=request.user)
        messages.success(request, _("The webhook is there. Send a test, and check the signature with its secret."))
        return redirect("webhook", pk=form.instance.pk)
    waiting = Count("deliveries", filter=Q(deliveries__state=State.WAITING))
    failed = Count("deliveries", filter=Q(deliveries__state=State.FAILED))
    held = Webhook.objects.annotate(waiting=waiting, failed=failed).order_by("name")
    context = {"form": form, "webhooks": held, "can_be_made": bool(settings.WEBHOOK_HOSTS)}
    return render(request, "incidents/webhooks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("incidents.manage_webhooks")
def webhook(request: SignedInRequest, pk: int) -> HttpResponse:
    hook = get_object_or_404(Webhook.objects.select_related("created_by"), pk=pk)
    form = WebhookForm(request.POST or None, instance=hook)
    if form.is_bound and form.is_valid():
        service.save(form.save(commit=False), by=request.user)
        messages.success(request, _("Saved."))
        return redirect("webhook", pk=pk)
    log = WebhookDelivery.objects.filter(webhook=pk).order_by("-pk")
    page = Paginator(log, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "incidents/webhook.html", {"webhook": hook, "form": form, "page": page})


@require_POST
@needs("incidents.manage_webhooks")
def webhook_test(request: SignedInRequest, pk: int) -> HttpResponse:
    service.ping(get_object_or_404(Webhook, pk=pk), by=request.user)
    messages.success(request, _("A test is on its way: the log below says how it went. Load the page again."))
    return redirect("webhook", pk=pk)


@require_POST
@needs("incidents.manage_webhooks")
def webhook_secret(request: SignedInRequest, pk: int) -> HttpResponse:
    """Replaces the secret."""
    service.renew_secret(get_object_or_404(Webhook, pk=pk), by=request.user)
    messages.success(request, _("There is a new secret. The receiver needs it at once."))
    return redirect("webhook", pk=pk)


@require_POST
@needs("incidents.manage_webhooks")
def webhook_retry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Tries a delivery again that was given up."""
    delivery = get_object_or_404(WebhookDelivery.objects.select_related("webhook"), pk=pk)
    if service.retry(delivery, by=request.user):
        messages.success(request, _("Delivery %(pk)s is tried again.") % {"pk": pk})
    else:
        messages.info(request, _("Delivery %(pk)s was not given up; nothing was changed.") % {"pk": pk})
    return redirect("webhook", pk=delivery.webhook_id)
