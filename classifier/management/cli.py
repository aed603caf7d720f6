"""What the model commands share: exit codes, one line of JSON, errors as sentences, names of versions."""

import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from classifier import registry
from classifier.ml.artifact import ArtifactError
from classifier.ml.metrics import VIEWS
from classifier.models import ModelVersion
from incidents.models import User

SHOWN = 20  # names of versions in a message
EXIT_CODES = "Exit codes: 0 done, 1 failed, 2 usage, 3 refused."


class Exit(IntEnum):
    FAILED = 1
    USAGE = 2
    REFUSED = 3


def stop(message: str, code: Exit = Exit.FAILED) -> CommandError:
    """The error that ends a command with a sentence on stderr and an exit code."""
    return CommandError(message, returncode=int(code))


class ModelCommand(BaseCommand):
    """A command whose `work` returns what to tell. With `--json`, exactly one JSON line stands on stdout."""

    requires_system_checks = []
    real_stdout = 1  # a descriptor; another one while everything else goes to stderr

    def work(self, **options: Any) -> dict[str, Any] | None:
        """Do it; what is returned is told by `tell`, or as JSON."""
        raise NotImplementedError

    def tell(self, result: dict[str, Any]) -> None:
        """Tell a person the result."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = options.get("json", False)
        try:
            with everything_on_stderr() as self.real_stdout, quiet_log(options["verbosity"]), errors_as_sentences():
                result = self.work(**options)
        except CommandError as error:
            if as_json:
                self.stdout.write(json.dumps({"error": str(error)}, ensure_ascii=False))
            raise
        if as_json:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        elif result is not None:
            self.tell(result)


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


@contextlib.contextmanager
def errors_as_sentences() -> Iterator[None]:
    """What a person can mend is told without a traceback."""
    try:
        yield
    except DatabaseError as error:
        raise stop(f"the database cannot be used ({error}): is it migrated? Run manage.py migrate.") from error
    except ArtifactError as error:
        raise stop(str(error)) from error
    except KeyboardInterrupt as error:
        raise stop("interrupted.") from error


def version_named(name: str) -> ModelVersion:
    """The version of that name; the one in charge when the name is empty."""
    if not name:
        return _champion()
    version = ModelVersion.objects.select_related("snapshot").filter(name=name).first()
    if version is None:
        raise stop(f"there is no model {name!r}. {_known()}", Exit.USAGE)
    return version


def user_named(name: str) -> User:
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise stop(f"there is no active account {name!r}: name the person who decides this.", Exit.USAGE)
    if not user.has_perm("classifier.manage_models"):
        raise stop(f"{name} may not manage models: an admin may.", Exit.REFUSED)
    return user


def headline(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures of an evaluation without its long tables."""
    views = {name: _view(figures[name]) for name in VIEWS}
    return views | {name: figures[name] for name in ("exact_set", "ece", "brier", "nll", "n", "reports_per_second")}


def _view(figures: dict[str, Any]) -> dict[str, float]:
    return {name: figures[name] for name in ("accuracy", "macro_f1")}


def _champion() -> ModelVersion:
    version = registry.champion()
    if version is None:
        raise stop(f"no model is in charge yet: train one, or name one. {_known()}", Exit.REFUSED)
    return version


def _known() -> str:
    names = list(ModelVersion.objects.order_by("-pk").values_list("name", flat=True)[: SHOWN + 1])
    if not names:
        return "There are none yet: run manage.py train."
    more = ", ..." if len(names) > SHOWN else ""
    return f"There are: {', '.join(names[:SHOWN])}{more}."
