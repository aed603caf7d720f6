"""`manage.py check_labels FILE`"""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, version_named
from classifier.services.dataset_hash import CheckedListing, check_listing
from classifier.services.lineage import json_lines
from config.commands import EXIT_CODES, Exit, stop


class Command(ModelCommand):
    help = (
        "Say whether a listing of labels, as it is downloaded from a model version, gives the hash of the dataset; of"
        f" what the database holds with --model. {EXIT_CODES}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("file", nargs="?", metavar="FILE", help="a labels.jsonl; - for standard input")
        which.add_argument("--model", metavar="V", help="a version's name")

    def work(self, **options: Any) -> dict[str, Any]:
        checked = _checked(options["file"], options["model"])
        if not checked.checkable:
            told = "was frozen by an earlier release, whose hashes cover titles in clear: a listing cannot tell it."
            raise stop(f"the dataset of {checked.model} {told}", Exit.REFUSED)
        return asdict(checked) | {"matches": checked.matches}

    def tell(self, result: dict[str, Any]) -> None:
        if result["matches"]:
            self.stdout.write(f"the {result['listed']} labels of {result['model']} give the hash {result['dataset']}")

    def check_result(self, result: dict[str, Any]) -> None:
        if not result["matches"]:
            raise stop(
                f"the {result['listed']} labels listed of {result['model']} do not give the hash {result['dataset']}"
                f" of the {result['reports']} that were frozen{_why(result)}."
            )


def _checked(file: str | None, model: str | None) -> CheckedListing:
    if model is not None:
        return check_listing(json_lines(version_named(model)))
    assert file is not None, "the parser asks for one of both"
    try:
        return check_listing((sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")).splitlines())
    except (OSError, ValueError) as error:
        raise stop(f"{file}: {error}.", Exit.USAGE) from error


def _why(result: dict[str, Any]) -> str:
    if result["hidden"]:
        return f": {result['hidden']} are hidden from whoever downloaded it"
    gone = result["reports"] - result["listed"]
    return f": {gone} are not there any more, as erased reports are not" if gone > 0 else ""
