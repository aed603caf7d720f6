"""Whether something like what is being typed is known."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from incidents.forms.alike import TypedForm
from incidents.models import User
from incidents.services import alike
from incidents.views.filing import open_to_file


@require_POST
@open_to_file
def file_alike(request: HttpRequest) -> HttpResponse:
    """A part of the filing form. Reporters learn that something alike is known, and nothing of it."""
    form = TypedForm(request.POST)
    user = request.user if isinstance(request.user, User) else None
    known = alike.known(**form.typed(), user=user) if form.is_valid() else alike.Known(ready=True)
    return render(request, "incidents/_alike_known.html", {"known": known})
