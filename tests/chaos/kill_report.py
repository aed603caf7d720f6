"""What became of reports that were filed while processes were killed: counted from the rows, timed, written down."""

import datetime as dt
import json
import os
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count

from classifier.models import Prediction
from incidents.models import Incident
from tests.chaos.clients import Clients
from tests.chaos.killer import Kill
from tests.chaos.watcher import Look
from workers.models import Job

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Outcome:
    """`lost`: accepted, and not in the database or not classified. `twice`: predictions or reports too many."""

    accepted: int
    given_up: int
    lost: int
    twice: int
    unaccounted: int  # bad answers while no process that serves pages was away


def filed_by(clients: Clients) -> list[Incident]:
    """The report behind each answer that promised to keep it."""
    places = list(clients.accepted.places.values())
    by_place = {
        **{f"/r/{one.receipt_token}/": one for one in Incident.objects.filter(source="web")},
        **{f"/api/v1/incidents/{one.pk}/": one for one in Incident.objects.filter(source="api")},
    }
    return [by_place[place] for place in places if place in by_place]


def outcome(clients: Clients, kills: Sequence[Kill], looks: Sequence[Look]) -> Outcome:
    filed = filed_by(clients)
    classified = set(Prediction.objects.filter(incident__in=filed).values_list("incident", flat=True))
    again = Prediction.objects.values("text_revision", "version").annotate(n=Count("pk")).filter(n__gt=1).count()
    texts = Incident.objects.filter(source__in=["web", "api"]).values("current_text__text")
    twin_reports = texts.annotate(n=Count("pk")).filter(n__gt=1).count()  # each client's text is its own
    accepted = len(clients.accepted.places)
    return Outcome(
        accepted=accepted,
        given_up=len(clients.given_up),
        lost=accepted - len({one.pk for one in filed} & classified),
        twice=again + twin_reports,
        unaccounted=sum(1 for look in looks if look.is_bad and not _within(look, kills)),
    )


def _within(look: Look, kills: Sequence[Kill]) -> bool:
    """Whether a process that serves pages was away while the question was open."""
    return any(look.began <= one.back and look.ended >= one.began for one in kills if "web" in one.victim)


def p95(values: Sequence[float]) -> float:
    """By nearest rank; 0 of nothing."""
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)] if values else 0.0


def recoveries(kills: Sequence[Kill], filed: Sequence[Incident]) -> list[dict[str, Any]]:
    """Of each kill: seconds until it was back, until the next report was classified, until all that waited were."""
    firsts = Prediction.objects.filter(incident__in=filed).order_by("-pk").values_list("incident", "created_at")
    done = {incident: at.timestamp() for incident, at in firsts}
    spans = [(one.created_at.timestamp(), done[one.pk]) for one in filed if one.pk in done]
    rows = []
    for kill in kills:
        after = [at - kill.at for began, at in spans if began >= kill.at]
        waiting = [at - kill.at for began, at in spans if began < kill.at < at]
        rows.append(
            {
                "victim": kill.victim,
                "back": round(kill.back - kill.began, 1),
                "next_report": round(min(after), 1) if after else None,
                "all_that_waited": round(max(waiting, default=0.0), 1),
                "waited": len(waiting),
            }
        )
    return rows


def figures(
    clients: Clients, kills: Sequence[Kill], looks: Sequence[Look], *, seed: int, training: str
) -> dict[str, Any]:
    """Everything about a run, for the file of results."""
    filed = filed_by(clients)
    rows = recoveries(kills, filed)
    firsts = Prediction.objects.filter(incident__in=filed).values_list("created_at", "incident__created_at")
    delays = [(said - at).total_seconds() for said, at in firsts]
    web = [one.back - one.began for one in kills if "web" in one.victim]
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "load_average": round(os.getloadavg()[1], 1),
        "database": connection.vendor,
        "seed": seed,
        **asdict(outcome(clients, kills, looks)),
        "kills": dict(Counter(one.victim for one in kills)),
        "tries": clients.accepted.tries,
        "sent_again_because": dict(clients.accepted.refused),
        "looks": len(looks),
        "bad_looks": dict(Counter(str(one.status or one.why) for one in looks if one.is_bad)),
        "seconds": {
            "web_away_p95": round(p95(web), 1),
            "web_away_longest": round(max(web, default=0.0), 1),
            "next_report_p95": p95([one["next_report"] for one in rows if one["next_report"] is not None]),
            "all_that_waited_p95": p95([one["all_that_waited"] for one in rows]),
            "filed_to_classified_p50": round(sorted(delays)[len(delays) // 2], 1),
            "filed_to_classified_p95": round(p95(delays), 1),
            "filed_to_classified_longest": round(max(delays), 1),
        },
        "lost_leases": sum(Job.objects.filter(kind="classify").values_list("lost_leases", flat=True)),
        "training": training,
        "recoveries": rows,
    }


def keep(found: dict[str, Any]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"reports_under_kills.{found['database']}.json"
    file.write_text(json.dumps(found, indent=1) + "\n")
    return file
