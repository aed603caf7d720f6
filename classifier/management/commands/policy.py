"""`manage.py policy`"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, user_named
from classifier.policy_forms import LARGEST_COST, LARGEST_ERROR
from classifier.services import acting
from classifier.services.policy_figures import policy_figures
from config.commands import EXIT_CODES, Exit, stop


class Command(ModelCommand):
    help = (
        "What the model in charge may do by itself, what that comes to on its held-out reports, and whether its"
        " promises are kept. With --accept-error, --auto-accept, --category-error or --category-cost: of another"
        f" policy, which is saved unless --dry-run. {EXIT_CODES}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--accept-error", type=float, metavar="X", help="share of wrong reports accepted: 0.02")
        parser.add_argument("--auto-accept", choices=["on", "off"], help="as it is now without this")
        parser.add_argument(
            "--category-error",
            action="append",
            default=[],
            metavar="NAME=X",
            help="share of wrong reports accepted of one category: Fraud=0.01; 0: always looked at; Fraud=: as for all",
        )
        parser.add_argument(
            "--category-cost",
            action="append",
            default=[],
            metavar="NAME=X",
            help="cost of a wrong label of one category, in looks: Fraud=20; Fraud=: as for all",
        )
        parser.add_argument("--dry-run", action="store_true", help="show what it comes to; save nothing")
        parser.add_argument("--by", default="", metavar="USER", help="who decides this; needed to save")
        parser.add_argument("--reason", default="", help="needed to save")

    def work(self, **options: Any) -> dict[str, Any]:
        asked = _asked(
            options["accept_error"], options["auto_accept"], options["category_error"], options["category_cost"]
        )
        if asked is None or options["dry_run"]:
            return policy_figures(asked)
        if not options["by"]:
            raise stop("name who decides this with --by, or look first with --dry-run.", Exit.USAGE)
        try:
            acting.save(asked, by=user_named(options["by"]), reason=options["reason"])
        except acting.PolicyRefused as error:
            raise stop(str(error), Exit.REFUSED) from error
        return policy_figures()

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write("\n".join(_lines(result)))


def _asked(
    error: float | None, auto_accept: str | None, errors: Sequence[str], costs: Sequence[str]
) -> acting.Asked | None:
    """The policy in force with what is asked for in its place; None where nothing is."""
    if error is None and auto_accept is None and not errors and not costs:
        return None
    now = acting.Asked.of(acting.in_force())
    error = now.error if error is None else error
    if not 0.001 <= error <= LARGEST_ERROR / 100:
        raise stop(f"an accepted error lies between 0.001 and {LARGEST_ERROR / 100}.", Exit.USAGE)
    return replace(
        now,
        error=error,
        auto_accept=now.auto_accept if auto_accept is None else auto_accept == "on",
        errors=_of_categories("--category-error", errors, now.errors, 0, LARGEST_ERROR / 100),
        costs=_of_categories("--category-cost", costs, now.costs, 1, LARGEST_COST),
    )


def _of_categories(
    option: str, written: Sequence[str], now: Mapping[str, float], least: float, most: float
) -> dict[str, float]:
    """Those in force with what is written in their place; NAME= takes one away."""
    known = set(acting.categories_known()) if written else set()
    found = dict(now)
    for one in written:
        name, sign, value = one.rpartition("=")
        if not sign or name not in known:
            told = f"name one of: {', '.join(sorted(known))}." if known else "no category is known before a model is."
            raise stop(f"{option} {one}: write NAME=X, and {told}", Exit.USAGE)
        found.pop(name, None)
        if value:
            found[name] = _number(option, one, value, least, most)
    return found


def _number(option: str, written: str, value: str, least: float, most: float) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise stop(f"{option} {written}: a number from {least:g} to {most:g} stands behind the sign.", Exit.USAGE)
    return number


def _lines(found: dict[str, Any]) -> Iterator[str]:
    wish, plan = found["wish"], found["plan"]
    state = "accepts automatically" if wish["auto_accept"] else "accepts nothing automatically"
    yield f"{found['model'] or 'no model in charge'}: {state}; at most {wish['error']:.1%} wrong are accepted"
    if found["rests"]:
        yield f"not everything is accepted at the moment: {found['rests']}"
    if plan is None:
        yield "no held-out reports of a model in charge were kept, so there is nothing to go by"
    else:
        yield (
            f"of {plan['reports']} held-out reports: {plan['accepted']} accepted ({plan['accepted_wrong']} of them"
            f" wrong), {plan['suggested']} suggested, {plan['abstained']} unsure"
        )
        if plan["promised_error"] is not None:
            yield (
                f"promised with {plan['certainty']:.0%} certainty: at most {plan['promised_error']:.1%} of what is"
                " accepted is wrong; what was found in held-out reports is no promise, for they chose the thresholds"
            )
        yield from map(_category, plan["categories"])
    for one in found["promises"]:
        broken = "; the promise no longer holds" if one["broken"] else ""
        yield (
            f"{one['kind']}: promised {one['promised']:.1%},"
            f" kept of {one['kept']} of {one['reports']} blind reports{broken}"
        )
    for alarm in found["alarms"]:
        yield f"alarm {alarm['id']} of {alarm['kind']} of {alarm['model']}: {alarm['state']}"


def _category(one: dict[str, Any]) -> str:
    high = f"accepted from {one['accepted_from']:.3f}" if one["accepted_from"] is not None else one["why_not"]
    own = f"; promised: at most {one['promised_error']:.1%}" if one["promised_error"] is not None else ""
    return (
        f"  {one['category'] or 'no category'}: {high}; {one['accepted']} of {one['reports']} accepted,"
        f" {one['accepted_wrong']} of them wrong{own}"
    )
