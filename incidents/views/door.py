"""Who files too much, or like a robot."""

import structlog
from django.http import HttpRequest

from config.clients import household_of
from config.limits import Limit, count
from incidents import policy
from incidents.forms.filing import ReportForm

log = structlog.get_logger("incidents.views.door")
HOUR = 3600


def let_in(request: HttpRequest, form: ReportForm) -> bool:
    """Whether a valid form may be filed now; if not, it says so itself. Raises TooMany over the limit."""
    if request.user.is_authenticated:
        count(request, Limit("reports", policy.value("reports_an_hour"), HOUR), of=f"account:{request.user.pk}")
        return True
    sign = form.sign_of_a_robot(policy.value("filing_seconds"))
    if sign:
        log.warning("robot", form="file", sign=sign)
        return False
    count(request, Limit("reports", policy.value("anonymous_reports_an_hour"), HOUR), of=household_of(request))
    return True
