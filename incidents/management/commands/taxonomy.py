"""`manage.py taxonomy tree|steps|add|rename|merge|split|move|retire|undo`"""

import argparse
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from config.commands import EXIT_CODES, JSON, Exit, JsonCommand, stop
from incidents.models import TaxonomyStep, User
from incidents.services import taxonomy_page
from incidents.services.taxonomy_preview import preview
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import TaxonomyRefused, Wish

LABEL = "a label's key, as `tree` lists it, or with --category a category's name"
LISTS = {
    "tree": "every category with its labels and how much they are used",
    "steps": "every step that was taken, the newest first",
}
ABOUT = {"rename", "merge", "retire"}  # take a whole category as well


class Command(JsonCommand):
    help = (
        "Show the taxonomy, and take steps: what was decided and predicted is not rewritten, it reads otherwise. "
        + EXIT_CODES
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        for name, text in LISTS.items():
            _take_json(actions.add_parser(name, help=text))
        for kind in TaxonomyStep.Kind:
            one = actions.add_parser(kind.value, help=f"{kind.label.lower()}; with --dry-run only counted")
            _take_json(one)
            _add_question(one, kind.value)
            one.add_argument("--by", metavar="USER", help="who decides this; not needed for a dry run")
            one.add_argument("--reason", default="", help="kept with the step")
            one.add_argument("--dry-run", action="store_true", help="count what it would change, and change nothing")

    def work(self, **options: Any) -> dict[str, Any]:
        if options["action"] == "tree":
            return {"tree": taxonomy_page.to_json(taxonomy_page.tree())}
        if options["action"] == "steps":
            rows = taxonomy_page.steps(TaxonomyStep.objects.select_related("by", "undoes__undoes"))
            return {"steps": [taxonomy_page.step_to_json(row) for row in rows]}
        try:
            if options["dry_run"]:
                return {"dry_run": preview(_wish(options)).to_json()}
            if not options["by"]:
                raise stop("say with --by who decides this, or try it with --dry-run.", Exit.USAGE)
            step = take(_wish(options), by=_user(options["by"]), reason=options["reason"])
        except TaxonomyRefused as error:
            raise stop(str(error), Exit.REFUSED) from error
        return {"step": taxonomy_page.step_to_json(taxonomy_page.step_page(step).row)}

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write("\n".join(_lines(result)))


def _take_json(parser: CommandParser) -> None:
    """Behind the action as well as before it."""
    parser.add_argument(JSON, action="store_true", default=argparse.SUPPRESS, help="print one line of JSON on stdout")


def _add_question(parser: CommandParser, kind: str) -> None:
    if kind == "undo":
        parser.add_argument("undoes", type=int, metavar="STEP")
        return
    if kind == "add":
        parser.add_argument("name", nargs="?", default="", metavar="SUB_CATEGORY", help="none: a category alone")
    else:
        parser.add_argument("what", help=LABEL if kind in ABOUT else "a label's key, as `tree` lists it")
    if kind in ABOUT:
        parser.add_argument("--category", action="store_true", help="a whole category is meant")
    if kind == "rename":
        parser.add_argument("name", help="the new name")
    if kind == "merge":
        parser.add_argument("into", help=LABEL)
    if kind == "split":
        parser.add_argument("names", nargs="+", metavar="PART", help="at least two sub-categories")
    if kind in {"add", "move"}:
        parser.add_argument("--under", nargs="+", required=True, metavar="CATEGORY", help="where it is to stand")


def _wish(options: dict[str, Any]) -> Wish:
    what, whole = options.get("what") or "", bool(options.get("category"))
    return Wish(
        options["action"],
        label="" if whole else what,
        category=what if whole else "",
        into=options.get("into") or "",
        name=options.get("name") or "",
        names=tuple(options.get("names") or ()),
        categories=tuple(options.get("under") or ()),
        undoes=options.get("undoes"),
    )


def _user(name: str) -> User:
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise stop(f"there is no active account {name!r}: name the person who decides this.", Exit.USAGE)
    if not user.has_perm("classifier.manage_models"):
        raise stop(f"{name} may not change the taxonomy: an admin may.", Exit.REFUSED)
    return user


def _lines(result: dict[str, Any]) -> Iterator[str]:
    for branch in result.get("tree", ()):
        yield branch["category"]
        for label in branch["labels"]:
            yield f"  {label['key']}: {label['decided']:,} decided, {label['waiting']:,} waiting ({label['state']})"
    for step in [*result.get("steps", ()), *([result["step"]] if "step" in result else ())]:
        undone = "" if step["stands"] else " (undone)"
        yield f"step {step['number']}: {step['words']}{undone}, by {step['by'] or 'nobody'}, {step['at']}"
        if step["to_look_at"]:
            yield f"  {step['to_look_at']:,} decided reports are to be looked at"
    if told := result.get("dry_run"):
        yield from _counted(told)


def _counted(told: dict[str, Any]) -> Iterator[str]:
    for was, now in told["renames"]:
        yield f"{was} is called {now}"
    for key in told["opens"]:
        yield f"{key} is new"
    for change in told["changes"]:
        yield f"{change['label']}: {change['state']}" + (
            f", reads as {change['reads_as']}" if change["state"] == "merged" else ""
        )
    yield (
        "it concerns {decided:,} decided reports, {to_look_at:,} of which are to be looked at, and the suggestions on "
        "{waiting:,} waiting reports, {in_review:,} of which are open in a review".format_map(told)
    )
    yield (
        "a training is asked for: no model knows the new labels" if told["asks_for_training"] else "no training needed"
    )
