"""What a person prefers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.forms.preferences import PreferencesForm
from incidents.services.preferences import set_preferences


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Without an account only the language, which a cookie keeps."""
    if not request.user.is_authenticated:
        return render(request, "incidents/language.html")
    form = PreferencesForm(request.POST or None, user=request.user)
    if form.is_bound and form.is_valid():
        set_preferences(request.user, **form.cleaned_data)
        with translation.override(request.user.language or translation.get_language()):
            messages.success(request, _("Your preferences are saved."))
        return redirect("preferences")
    return render(request, "incidents/preferences.html", {"form": form})
