"""Verdicts without a review page: from programs that have not claimed the report before."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.models import Incident, Label, Path, User
from incidents.services import reviewing


@transaction.atomic
def decide_directly(
    incident: Incident,
    *,
    reviewer: User,
    verdict: str,
    paths: Sequence[Path],
    reason: str,
    reopen: bool,
    expected_until: dt.datetime | None = None,
) -> Label:
    """Claim and decide a report in one step; what cannot be decided is not left claimed.

    `reopen` decides anew what has been decided. Raises ClaimLost and ValidationError as `reviewing.decide` does.
    """
    hold = reviewing.reopen if reopen else reviewing.claim
    if not hold(incident, reviewer) and reopen:
        raise reviewing.ClaimLost(_("Somebody else is working on this report."))
    return reviewing.decide(
        incident, reviewer=reviewer, verdict=verdict, paths=paths, reason=reason, expected_until=expected_until
    )
