"""A comparison in plain sentences: what is real, what may be chance, and which classes are hit."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from classifier.ml.paired import GAIN, LOSS, SAME, UNDECIDED, ClassPair, MacroF1, ViewPair
from classifier.services.versus import NO_REPORTS, NOT_MEASURED, Lack, Versus
from classifier.wording import points, share

Words = str | Promise

VERDICTS: dict[str, Words] = {
    GAIN: gettext_lazy("Real gain"),
    LOSS: gettext_lazy("Real loss"),
    UNDECIDED: gettext_lazy("Cannot be told apart"),
    SAME: gettext_lazy("No difference"),
}
SMALLEST_P = 0.001


def counted(found: Versus, view: ViewPair) -> str:
    """How many reports each has right, and where they differ."""
    names = {"one": found.one.name, "other": found.other.name}
    both = ngettext(
        "On the same test report %(one)s is exactly right %(mine)s, %(other)s %(theirs)s.",
        "On the same %(n)s test reports %(one)s is exactly right in %(mine)s, %(other)s in %(theirs)s.",
        found.reports,
    ) % {"n": found.reports, "mine": share(view.one.value), "theirs": share(view.other.value), **names}
    if view.verdict == SAME:
        return both
    apart = _(
        "%(one)s is right in %(gained)s that %(other)s has wrong, and wrong in %(lost)s that %(other)s has right."
    )
    return f"{both} " + apart % {"gained": view.gained, "lost": view.lost, **names}


def judged(found: Versus, view: ViewPair) -> str:
    """Whether that is real."""
    if view.verdict == SAME:
        return _("Both have the same reports right.")
    chance = _by_chance(view.p)
    if view.verdict == UNDECIDED:
        apart = _(
            "By how many reports they have right they cannot be told apart: equally good models would differ by at "
            "least as much %(chance)s."
        )
        return apart % {"chance": chance}
    told = {"name": found.one.name, "chance": chance}
    if view.verdict == GAIN:
        return _("%(name)s is really better: equally good models would differ by at least as much %(chance)s.") % told
    return _("%(name)s is really worse: equally good models would differ by at least as much %(chance)s.") % told


def _by_chance(p: float) -> str:
    if p < SMALLEST_P:
        return _("in less than 1 of 1,000 such tests (p < 0.001)")
    if p < 0.01:
        return _("in %(n)s of 1,000 such tests (p = %(p)s)") % {"n": round(p * 1000), "p": f"{p:.3f}"}
    return _("in %(n)s of 100 such tests (p = %(p)s)") % {"n": round(p * 100), "p": f"{p:.2f}"}


def macro_judged(found: Versus, macro: MacroF1) -> str:
    """The same of macro-F1, where a rare label counts as much as a frequent one."""
    told = {
        "one": found.one.name,
        "mine": share(macro.one),
        "other": found.other.name,
        "theirs": share(macro.other),
        "difference": points(macro.difference),
        "low": points(macro.low),
        "high": points(macro.high),
    }
    if macro.verdict == SAME:
        return _("Macro-F1, where rare labels count as much as frequent ones: %(mine)s in both.") % told
    measured = _(
        "Macro-F1, where rare labels count as much as frequent ones: %(one)s %(mine)s, %(other)s %(theirs)s. The "
        "difference is %(difference)s points, with 95 %% certainty between %(low)s and %(high)s"
    )
    ends = {
        GAIN: _("a real gain."),
        LOSS: _("a real loss."),
        UNDECIDED: _("so it can go either way."),
    }
    return f"{measured % told}: {ends[macro.verdict]}"


def hit(view: ViewPair, verdict: str) -> list[ClassPair]:
    """The classes of one verdict."""
    return [row for row in view.classes if row.verdict == verdict]


def lacking(lack: Lack) -> str:
    """Why there is no comparison on the newest test reports, and what helps."""
    names = _(" and ").join(lack.of)
    told = {"names": names, "reports": lack.reports}
    if lack.reason == NO_REPORTS:
        return _("The newer version's dataset holds no test reports. Train on more decided reports first.")
    if lack.reason == NOT_MEASURED:
        return _("Not measured on the %(reports)s test reports of the newer version yet: %(names)s.") % told
    return _("An earlier release measured these and kept no word of what was decided of each report: %(names)s.") % told


def size(count: int | None) -> str:
    """7340032 -> `7.3 MB`; nothing there -> `–`."""
    if count is None:
        return "–"
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f}\u00a0{unit}" if unit == "B" or value >= 100 else f"{value:.1f}\u00a0{unit}"
        value /= 1000
    return f"{value:.2f}\u00a0GB"
