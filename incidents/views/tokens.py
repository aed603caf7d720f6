"""A person's own API tokens."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from incidents.access import SignedInRequest, signed_in
from incidents.forms.tokens import EndForm, TokenForm
from incidents.models import ApiToken
from incidents.services.tokens import create_token, revoke_token


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def tokens(request: SignedInRequest) -> HttpResponse:
    """The secret stands on the answer to the POST and nowhere else."""
    form = TokenForm(request.POST or None, user=request.user)
    created = secret = None
    if form.is_bound and form.is_valid():
        created, secret = create_token(request.user, **form.cleaned_data)
        form = TokenForm(user=request.user)
    held = ApiToken.objects.filter(user=request.user).order_by("-created")
    return render(
        request, "incidents/tokens.html", {"form": form, "tokens": held, "created": created, "secret": secret}
    )


@require_POST
@signed_in
def revoke(request: SignedInRequest) -> HttpResponse:
    form = EndForm(request.POST)
    if not form.is_valid():
        raise Http404(gettext("There is no such token."))
    token = get_object_or_404(ApiToken, user=request.user, pk=form.cleaned_data["token"])
    revoke_token(token, by=request.user)
    messages.success(request, gettext("The token “%(name)s” has ended.") % {"name": token.name})
    return redirect("tokens")
