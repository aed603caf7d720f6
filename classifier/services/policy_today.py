"""A policy of acting as it reads today: its categories by their names of today, without those whose labels have moved.

A threshold holds for the confidence that was measured. Where labels of a category were merged, split or moved since,
what the model says of it has another confidence, so the category rests until the policy is saved anew; where a label
was retired, or came back, what the model had for it moved to or from all others, so all of them rest.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from classifier.ml.taxonomy import LabelPath
from classifier.models import ActingPolicy
from classifier.services.taxonomy_since import Moved, Since, since

NAMED = 3  # labels that a sentence names


@dataclass(frozen=True)
class PolicyToday:
    """`highs` lacks the categories that rest; `why` says what has become of their labels."""

    errors: Mapping[str, float]
    costs: Mapping[str, float]
    highs: Mapping[str, float]
    resting: Sequence[str]
    why: str


def policy_today(row: ActingPolicy) -> PolicyToday:
    """Where two categories have become one, it has the smaller error and the higher cost of them."""
    words = since(row.taxonomy_version_id)
    highs = _today(row.highs, words, max)
    moved = words.moved_of(row.version.snapshot.path_ids) if row.version and words.moved else []
    resting = touched(highs, moved, words)
    return PolicyToday(
        errors=_today(row.errors, words, min),
        costs=_today(row.costs, words, max),
        highs={category: high for category, high in highs.items() if category not in resting},
        resting=resting,
        why=_why(resting, moved) if resting else "",
    )


def touched(categories: Iterable[str], moved: Collection[Moved], words: Since) -> list[str]:
    """Those whose confidence is not the one that was measured, as these labels have moved; sorted."""
    everything = any(one.before is None or one.now is None for one in moved)
    ends = [path for one in moved for path in (one.before, one.now) if path]
    return sorted(one for one in categories if everything or _stands_under(words.names_in(one), ends))


def _stands_under(names: Collection[str], paths: Iterable[LabelPath]) -> bool:
    """Whether one of the labels can be among those that are decided as these categories."""
    return any({*path.categories} <= {*names} for path in paths)


def _today(values: Mapping[str, float], words: Since, choose: Callable[[float, float], float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for category, value in values.items():
        if today := words.category_text(category):
            found[today] = choose(found[today], value) if today in found else value
    return found


def _why(resting: Sequence[str], moved: Sequence[Moved]) -> str:
    told = _(
        "%(changes)s after the policy was saved, so that what the model says of %(categories)s is not as sure as it was"
        " measured, and waits for a person: save the policy anew."
    )
    changes = _listed([_change(one) for one in moved])
    return told % {"changes": changes, "categories": _listed([f"“{category}”" for category in resting])}


def _change(one: Moved) -> str:
    names = {"label": one.label.key, "into": one.now.key if one.now else ""}
    if one.now is None:
        return _("“%(label)s” was retired") % names
    if one.before is None:
        return _("“%(label)s” came back into use") % names
    if one.divided:
        return _("“%(label)s” was split") % names
    if one.now == one.label:
        return _("“%(label)s” became a label of its own again") % names
    return _("“%(label)s” was merged into “%(into)s”") % names


def _listed(parts: Sequence[str]) -> str:
    shown = ", ".join(parts[:NAMED])
    more = len(parts) - NAMED
    return shown if more <= 0 else _("%(names)s and %(n)s more") % {"names": shown, "n": more}
