"""The audit: what reports drawn by chance, and decided with the prediction hidden, say of the model and of people.

Reviews in the order of doubt are no fair sample, and people lean towards what is ticked already: both distort an
accuracy that is read off ordinary decisions. Rejected reports are left out: the model knows no label for them.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from incidents.models import Label, Path
from incidents.models.incident import CONFIDENCE_BANDS
from incidents.shares import Interval, Share, difference

ENOUGH = 20  # decisions on either side, before a comparison says anything
LABELLED = (Label.Verdict.CONFIRM, Label.Verdict.CORRECT)

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
    """Of what was decided from `since` on and before `until`; four queries at most."""
    rows = list(_blind(since, until).values_list("pk", "shown_model", "verdict", "suggested"))
    corrected = {pk: suggested or [] for pk, _, verdict, suggested in rows if verdict == Label.Verdict.CORRECT}
    same = _same_categories(corrected)
    hits: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for pk, name, verdict, _ in rows:
        if verdict in LABELLED:
            exact = verdict == Label.Verdict.CONFIRM
            hits[name].append((exact, exact or same[pk]))
    return Accuracy(
        *_shares([hit for of_version in hits.values() for hit in of_version]),
        versions=[VersionAccuracy(name, *_shares(of_version)) for name, of_version in sorted(hits.items())],
        rejected=sum(verdict == Label.Verdict.REJECT for _, _, verdict, _ in rows),
    )


def following(since: Moment = None, until: Moment = None) -> Following:
    """Of what was decided one by one from `since` on and before `until`; three queries."""
    beside = _within(_decided().filter(blind=False, bulk=None), since, until)
    undone = _agreements(beside.filter(retraction__isnull=False))  # apart: a join with every label would take longer
    shown, blind = _agreements(beside, undone), _agreements(_blind(since, until))
    totals = _total(shown), _total(blind)
    found = difference(shown, blind) if min(total.n for total in totals) >= ENOUGH else None
    return Following(*totals, *(found or ()))


def _decided() -> QuerySet[Label]:
    """First decisions by people on what a model had read, undone ones too."""
    first = {"source": Label.Source.REVIEW, "slot": Label.Slot.FIRST}
    return Label.objects.filter(**first, suggested_confidence__isnull=False)


def _blind(since: Moment, until: Moment) -> QuerySet[Label]:
    """Those of the audit; whoever hides suggestions for themselves decides unseen, too, but not what chance chose."""
    return _within(_decided().filter(blind=True, incident__blind=True, retraction=None), since, until)


def _within(labels: QuerySet[Label], since: Moment, until: Moment) -> QuerySet[Label]:
    labels = labels.filter(created_at__gte=since) if since else labels
    return labels.filter(created_at__lt=until) if until else labels


def _same_categories(corrected: Mapping[int, Sequence[int]]) -> dict[int, bool]:
    """Of corrected labels and what was suggested: whether only sub-categories were wrong."""
    if not corrected:
        return {}
    chosen: dict[int, list[int]] = defaultdict(list)
    links = Label.paths.through.objects.filter(label__in=list(corrected))
    for label_id, path_id in links.values_list("label_id", "path_id"):
        chosen[label_id].append(path_id)
    names = {path.pk: path.category_names for path in Path.objects.prefetch_related("categories")}

    def categories(paths: Iterable[int]) -> set[str]:
        return {name for path in paths for name in names.get(path, ())}

    return {pk: categories(suggested) == categories(chosen[pk]) for pk, suggested in corrected.items()}


def _shares(hits: Sequence[tuple[bool, bool]]) -> tuple[Share, Share]:
    return Share(sum(exact for exact, _ in hits), len(hits)), Share(sum(category for _, category in hits), len(hits))


def _agreements(labels: QuerySet[Label], without: Mapping[int, Share] | None = None) -> dict[int, Share]:
    """By band of the model's confidence, how many confirmed what it said rather than corrected it; one query."""
    below = [When(suggested_confidence__lt=end, then=Value(place)) for place, end in enumerate(CONFIDENCE_BANDS)]
    band = Case(*below, default=Value(len(CONFIDENCE_BANDS)), output_field=IntegerField())
    rows = labels.filter(verdict__in=LABELLED).order_by().annotate(band=band).values("band", "verdict")
    hits, all_of_them = Counter[int](), Counter[int]()
    for place, verdict, number in rows.annotate(number=Count("*")).values_list("band", "verdict", "number"):
        all_of_them[place] += number
        hits[place] += number if verdict == Label.Verdict.CONFIRM else 0
    left = {place: Share(hits[place], n) for place, n in all_of_them.items()}
    for place, gone in (without or {}).items():
        left[place] = Share(left[place].hits - gone.hits, left[place].n - gone.n)
    return {place: share for place, share in left.items() if share.n}


def _total(shares: Mapping[int, Share]) -> Share:
    return Share(sum(one.hits for one in shares.values()), sum(one.n for one in shares.values()))
