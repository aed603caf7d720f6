"""The audit: what reports drawn by chance, and decided with the prediction hidden, say of the model and of people.

Reviews in the order of doubt are no fair sample, and people lean towards what is ticked already: both distort an
accuracy that is read off ordinary decisions. Rejected reports are left out: the model knows no label for them. Of each
report only what was first decided counts: once it was, the prediction could be seen, and a label that takes the place
of an undone one is no blind one (`reviewing.decide`). Who was unsure has decided nothing, and seen nothing.
"""

import datetime as dt
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from incidents.models import Label, Path
from incidents.models.incident import CONFIDENCE_BANDS
from incidents.shares import Interval, Share, difference

NEWEST = 5_000  # decisions on either side of a comparison: more would change nothing but the time it takes
ENOUGH = 20  # decisions on either side, before a comparison says anything
LABELLED = (Label.Verdict.CONFIRM, Label.Verdict.CORRECT)
COUNTED = ("shown_model", "verdict", "number")

Moment = dt.datetime | None


@dataclass(frozen=True)
class VersionAccuracy:
    """How often a version was right: with exactly the labels that a person chose unseen, and with their categories."""

    name: str
    exact: Share
    category: Share


@dataclass(frozen=True)
class Accuracy:
    """Over all versions that were in charge, and of each by name. `rejected` are left out of both."""

    exact: Share
    category: Share
    versions: Sequence[VersionAccuracy]
    rejected: int


@dataclass(frozen=True)
class Following:
    """How far the suggestion pulls: how much more often people agree with it when they see it.

    Ordinary reports come in the order of doubt, those of the audit by chance: so both are compared within bands of the
    model's confidence, weighted as the audit's are spread. `pull` and its interval are None while there are too few.
    """

    shown: Share
    blind: Share
    pull: float | None = None
    interval: Interval | None = None


def blind_accuracy(since: Moment = None, until: Moment = None) -> Accuracy:
    """Of what was decided from `since` on and before `until`; five queries at most."""
    drawn = _blind(since, until).order_by()
    counts = Counter[tuple[str, str]]()
    for name, verdict, number in (
        drawn.values("shown_model", "verdict").annotate(number=Count("*")).values_list(*COUNTED)
    ):
        counts[name, verdict] = number
    near = Counter(_only_sub_categories_wrong(drawn.filter(verdict=Label.Verdict.CORRECT)))
    names = sorted({name for name, verdict in counts if verdict in LABELLED})
    versions = [_version(name, counts, near) for name in names]
    return Accuracy(
        exact=_sum(version.exact for version in versions),
        category=_sum(version.category for version in versions),
        versions=versions,
        rejected=sum(number for (_, verdict), number in counts.items() if verdict == Label.Verdict.REJECT),
    )


def following(since: Moment = None, until: Moment = None) -> Following:
    """Of the newest decisions taken one by one from `since` on and before `until`; two queries."""
    shown = _agreements(_within(_shown().filter(bulk=None, suggested_confidence__isnull=False), since, until))
    blind = _agreements(_blind(since, until))
    totals = _sum(shown.values()), _sum(blind.values())
    found = difference(shown, blind) if min(total.n for total in totals) >= ENOUGH else None
    return Following(*totals, *(found or ()))


def _shown() -> QuerySet[Label]:
    """First decisions by people that nobody has undone, given with the prediction in sight."""
    return Label.objects.standing().filter(source=Label.Source.REVIEW, slot=Label.Slot.FIRST, blind=False)


def _blind(since: Moment, until: Moment) -> QuerySet[Label]:
    return _within(Label.objects.of_the_audit(), since, until)


def _within(labels: QuerySet[Label], since: Moment, until: Moment) -> QuerySet[Label]:
    labels = labels.filter(created_at__gte=since) if since else labels
    return labels.filter(created_at__lt=until) if until else labels


def _version(name: str, counts: Mapping[tuple[str, str], int], near: Mapping[str, int]) -> VersionAccuracy:
    exact, n = counts[name, Label.Verdict.CONFIRM], sum(counts[name, verdict] for verdict in LABELLED)
    return VersionAccuracy(name, Share(exact, n), Share(exact + near[name], n))


def _only_sub_categories_wrong(corrected: QuerySet[Label]) -> list[str]:
    """The version that suggested it, of each corrected label whose categories it had right."""
    rows = list(corrected.values_list("pk", "shown_model", "suggested"))
    if not rows:
        return []
    chosen: dict[int, list[int]] = defaultdict(list)
    links = Label.paths.through.objects.filter(label__in=[pk for pk, _, _ in rows])
    for label, path in links.values_list("label_id", "path_id"):
        chosen[label].append(path)
    today = {path.pk: path.present for path in Path.objects.with_names()}

    def categories(paths: Iterable[int]) -> set[str]:
        return {name for path in paths if (known := today.get(path)) for name in known.category_names}

    return [name for pk, name, suggested in rows if categories(suggested or ()) == categories(chosen[pk])]


def _sum(shares: Iterable[Share]) -> Share:
    shares = list(shares)
    return Share(sum(one.hits for one in shares), sum(one.n for one in shares))


def _agreements(labels: QuerySet[Label]) -> dict[int, Share]:
    """By band of the model's confidence, how many confirmed what it said rather than corrected it; of the newest."""
    newest = labels.filter(verdict__in=LABELLED).order_by("-created_at")[:NEWEST]
    hits, n = Counter[int](), Counter[int]()
    for confidence, verdict in newest.values_list("suggested_confidence", "verdict"):
        band = bisect_right(CONFIDENCE_BANDS, confidence or 0.0)
        n[band] += 1
        hits[band] += verdict == Label.Verdict.CONFIRM
    return {band: Share(hits[band], n[band]) for band in n}
