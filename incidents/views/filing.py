"""Filing a report, and the receipt behind its private link."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from incidents import policy
from incidents.access import View
from incidents.forms.filing import ReportForm, empty_report_form
from incidents.models import Incident, User
from incidents.services.filing import IdempotencyConflict, file_incident


def open_to_file(view: View) -> View:
    """Lets anybody in, or only people with an account, as the admin has set it."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated or policy.value("anonymous_filing"):
            return view(request)
        return redirect_to_login(request.get_full_path())

    return guarded


def private(view: View) -> View:
    """The address is the secret: it is not kept, indexed or passed on."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_file
def file(request: HttpRequest) -> HttpResponse:
    form = ReportForm(request.POST) if request.method == "POST" else empty_report_form()
    if form.is_bound and form.is_valid():
        reporter = request.user if isinstance(request.user, User) else None
        key = str(form.cleaned_data["key"])
        try:
            filed = file_incident(form.report(), source=Incident.Source.WEB, reporter=reporter, idempotency_key=key)
            return redirect("receipt", token=filed.incident.receipt_token)
        except IdempotencyConflict:
            form.ask_again()
    return render(request, "incidents/file.html", {"form": form})


@require_safe
@private
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    incident = get_object_or_404(Incident.objects.with_words_and_people().with_decided_paths(), receipt_token=token)
    context = {"incident": incident, "link": request.build_absolute_uri(), "no_referrer": True}
    return render(request, "incidents/receipt.html", context)


@require_safe
@private
def receipt_state(request: HttpRequest, token: str) -> HttpResponse:
    incident = get_object_or_404(Incident.objects.with_words_and_people().with_decided_paths(), receipt_token=token)
    status = 200 if incident.awaits_model else HTMX_STOP_POLLING
    return render(request, "incidents/_receipt_state.html", {"incident": incident}, status=status)
