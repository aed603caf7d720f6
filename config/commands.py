"""What commands for scripts share: exit codes, one line of JSON, errors as sentences, arguments within bounds."""

import argparse
import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, ProgrammingError

from workers.errors import sentence

EXIT_CODES = "Exit codes: 0 done, 1 failed, 2 usage, 3 refused."
JSON = "--json"


class Exit(IntEnum):
    FAILED = 1
    USAGE = 2
    REFUSED = 3


def stop(message: str, code: Exit = Exit.FAILED) -> CommandError:
    """The error that ends a command with a sentence on stderr and an exit code."""
    return CommandError(message, returncode=int(code))


class JsonCommand(BaseCommand):
    """A command whose `work` returns what to tell. With `--json`, exactly one JSON line stands on stdout.

    That line is the result, or {"error": "a sentence"} when there is none. No error is shown as a traceback,
    unless by Django's own `--traceback`.
    """

    requires_system_checks = []
    errors_for_people: tuple[type[Exception], ...] = ()  # their words say what to do, and are shown as they are
    real_stdout = 1  # a descriptor; another one while everything else goes to stderr

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(JSON, action="store_true", help="print one line of JSON on stdout, all else on stderr")

    def work(self, **options: Any) -> dict[str, Any]:
        """Do it; what is returned is told by `tell`, or as JSON."""
        raise NotImplementedError

    def tell(self, result: dict[str, Any]) -> None:
        """Tell a person the result."""
        raise NotImplementedError

    def check_result(self, result: dict[str, Any]) -> None:
        """Raise `stop(...)` where the exit code is not 0 although there was a result to tell."""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with everything_on_stderr() as self.real_stdout, quiet_log(options["verbosity"]), self._in_sentences():
                result = self.work(**options)
        except CommandError as error:
            if options["json"]:
                self._print({"error": str(error)})
            raise
        if options["json"]:
            self._print(result)
        else:
            self.tell(result)
        self.check_result(result)

    def run_from_argv(self, argv: list[str]) -> None:
        """As Django's, which ends wrong arguments before the command begins: where JSON is asked for, they are told."""
        if JSON in argv:
            try:
                self.create_parser(argv[0], argv[1]).parse_args(argv[2:])
            except CommandError as error:
                self._print({"error": str(error).removeprefix("Error: ")})
        super().run_from_argv(argv)

    def _print(self, told: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(told))  # ASCII: names of files may hold what no encoding can write

    @contextlib.contextmanager
    def _in_sentences(self) -> Iterator[None]:
        try:
            yield
        except CommandError:
            raise
        except (OperationalError, ProgrammingError, InterfaceError) as error:
            reason = str(error).partition("\n")[0]
            raise stop(
                f"the database cannot be used ({reason}). Is it there, migrated (manage.py migrate) and free?"
            ) from error
        except self.errors_for_people as error:
            raise stop(str(error)) from error
        except KeyboardInterrupt as error:
            raise stop("interrupted.") from error
        except Exception as error:
            raise stop(f"it failed unforeseen: {sentence(error)}. With --traceback it says more.") from error


@contextlib.contextmanager
def everything_on_stderr() -> Iterator[int]:
    """Send to stderr whatever is printed meanwhile, by libraries in C and child processes too.

    Gives the descriptor of the real stdout.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield kept
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


@contextlib.contextmanager
def quiet_log(verbosity: int) -> Iterator[None]:
    """Leave out of the log what is no warning; `--verbosity 2` keeps it."""
    root, before = logging.getLogger(), logging.getLogger().level
    root.setLevel(before if verbosity > 1 else logging.WARNING)
    try:
        yield
    finally:
        root.setLevel(before)


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A type of argument: an integer within bounds."""

    def read(text: str) -> int:
        with contextlib.suppress(ValueError):
            if least <= (number := int(text)) <= most:
                return number
        raise argparse.ArgumentTypeError(f"{text[:40]} is not a whole number from {least:,} to {most:,}")

    return read


def number(least: float, most: float) -> Callable[[str], float]:
    """A type of argument: a number within bounds."""

    def read(text: str) -> float:
        with contextlib.suppress(ValueError):
            if least <= (found := float(text)) <= most:
                return found
        raise argparse.ArgumentTypeError(f"{text[:40]} is not a number from {least:g} to {most:g}")

    return read
