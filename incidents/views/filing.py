"""Filing a report, and the receipt behind its private link."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from incidents import policy
from incidents.access import View
from incidents.forms.filing import ReportForm, empty_report_form
from incidents.models import User
from incidents.services.alike import known_besides
from incidents.services.attachments import file_with_files
from incidents.services.filing import IdempotencyConflict
from incidents.views.door import let_in
from incidents.views.privacy import private
from incidents.views.reporter import is_unsorted, of_token, reporter_page


def open_to_file(view: View) -> View:
    """Lets anybody in, or only people with an account, as the admin has set it."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated or policy.value("anonymous_filing"):
            return view(request)
        return redirect_to_login(request.get_full_path())

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_file
def file(request: HttpRequest) -> HttpResponse:
    form = ReportForm(request.POST, request.FILES) if request.method == "POST" else empty_report_form()
    if form.is_bound and form.is_valid() and let_in(request, form):
        reporter = request.user if isinstance(request.user, User) else None
        key = str(form.cleaned_data["key"])
        try:
            files = form.cleaned_data["attachments"]
            filed = file_with_files(form.report(), files, reporter=reporter, idempotency_key=key)
            return redirect("receipt", token=filed.incident.receipt_token)
        except IdempotencyConflict:
            form.ask_again()
    return render(request, "incidents/file.html", {"form": form})


@require_safe
@private
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    incident = of_token(token)
    return reporter_page(request, incident, "incidents/receipt.html", alike_known=known_besides(incident))


@require_safe
@private
def receipt_state(request: HttpRequest, token: str) -> HttpResponse:
    incident = of_token(token)
    status = 200 if incident.awaits_model else HTMX_STOP_POLLING
    context = {"incident": incident, "unsorted": is_unsorted(incident)}
    return render(request, "incidents/_receipt_state.html", context, status=status)
