"""How right the model was where people decided unseen, and how far it pulls them where they see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from classifier.services.promises import broken_promises
from classifier.wording import share
from incidents.models import User
from incidents.services.audit_slice import Accuracy, Following, blind_accuracy, following
from incidents.services.dashboard_picture import Column, Picture, Tile, count
from incidents.services.dashboard_span import Span
from incidents.shares import Share

WIDE = 1000  # units of the line on which an interval is drawn


@dataclass(frozen=True)
class Measure:
    """A share with its interval, drawn on a line from 0 to `WIDE`."""

    name: str
    share: Share

    @property
    def place(self) -> int:
        return round(WIDE * (self.share.share or 0))

    @property
    def low(self) -> int:
        return round(WIDE * self.share.interval[0])

    @property
    def width(self) -> int:
        return max(4, round(WIDE * self.share.interval[1]) - self.low)

    @property
    def words(self) -> str:
        return f"{share(self.share.share)} ({_range(self.share)})"


def model(span: Span, user: User) -> Picture:
    """Eight queries at most."""
    accuracy, pulled = blind_accuracy(span.since, span.until), following(span.since, span.until)
    measures = [one for one in _measures(accuracy, pulled) if one.share.n]
    return Picture(
        columns=(
            *(Column(gettext_lazy("Measure"), "text"), Column(gettext_lazy("Share"), "share")),
            *(Column(gettext_lazy("At least"), "share"), Column(gettext_lazy("At most"), "share")),
            Column(gettext_lazy("Decisions")),
        ),
        rows=[(one.name, one.share.share, *one.share.interval, one.share.n) for one in measures],
        empty=gettext_lazy(
            "No report was decided beside a model's prediction in this time. An admin sets in the settings how many"
            " are reviewed blind."
        ),
        tiles=_tiles(accuracy, pulled),
        bars=measures,
        notes=[f"{one.kind.label}: {one.words}" for one in broken_promises()],
    )


def _measures(accuracy: Accuracy, pulled: Following) -> list[Measure]:
    by_version = _("Right, decided unseen: %(version)s")
    return [
        Measure(_("Right, decided unseen"), accuracy.exact),
        Measure(_("Right category, decided unseen"), accuracy.category),
        *(Measure(by_version % {"version": one.name}, one.exact) for one in accuracy.versions),
        Measure(_("People agree, suggestion hidden"), pulled.blind),
        Measure(_("People agree, suggestion shown"), pulled.shown),
    ]


def _tiles(accuracy: Accuracy, pulled: Following) -> Sequence[Tile]:
    return (
        Tile(gettext_lazy("accuracy on the blind slice"), share(accuracy.exact.share), _sample(accuracy.exact)),
        Tile(gettext_lazy("category alone"), share(accuracy.category.share), _sample(accuracy.category)),
        Tile(gettext_lazy("more agreement where the suggestion shows"), _points(pulled.pull), _pull_note(pulled)),
    )


def _sample(of: Share) -> str:
    if not of.n:
        return _("no report decided unseen yet")
    words = ngettext("%(range)s; %(count)s report", "%(range)s; %(count)s reports", of.n)
    return words % {"range": _range(of), "count": count(of.n)}


def _range(of: Share) -> str:
    low, high = of.interval
    return _("%(low)s to %(high)s") % {"low": share(low), "high": share(high)}


def _points(pull: float | None) -> str:
    return "–" if pull is None else _("%(points)s points") % {"points": f"{pull * 100:+.1f}"}


def _pull_note(pulled: Following) -> str:
    if pulled.interval is None:
        return _("too few decisions to compare")
    low, high = (f"{end * 100:+.1f}" for end in pulled.interval)
    return _("%(low)s to %(high)s") % {"low": low, "high": high}
