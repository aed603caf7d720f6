"""The first page: what this person can do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from incidents import policy
from incidents.models import User
from incidents.services import tour
from incidents.services.overview import reporter_counts, review_counts


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    if isinstance(user, User) and tour.offer(user, request.session):
        return redirect("tour")
    context = {"anonymous_filing": policy.value("anonymous_filing"), "open_sign_up": policy.value("open_sign_up")}
    if isinstance(user, User):
        context["mine"] = reporter_counts(user)
        if user.has_perm("incidents.review_incident"):
            context["review"] = review_counts(user)
    return render(request, "incidents/home.html", context)
