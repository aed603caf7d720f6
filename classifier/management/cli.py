"""What the model commands share: names of versions and people, figures in short."""

from typing import Any

from classifier.ml.artifact import ArtifactError
from classifier.ml.metrics import VIEWS
from classifier.models import ModelVersion
from classifier.models.version import CLASSIFY, DETECT
from classifier.services.lines import is_line
from config.commands import Exit, JsonCommand, stop
from incidents.models import User

SHOWN = 20  # names of versions in a message


class ModelCommand(JsonCommand):
    errors_for_people = (ArtifactError,)


def version_named(name: str, line: str = CLASSIFY) -> ModelVersion:
    """The version of that name; the one in charge of the line when the name is empty."""
    if not name:
        return _champion(line)
    version = ModelVersion.objects.select_related("snapshot").filter(name=name, line=line).first()
    if version is None:
        raise stop(f"there is no model {name!r}{_on(line)}{_but_elsewhere(name)}. {_known(line)}", Exit.USAGE)
    return version


def line_given(name: str) -> str:
    """The model line of that name; ends the command where there is none."""
    if not is_line(name):
        raise stop(f"there is no model line {name!r}: {CLASSIFY}, {DETECT} or anomaly:SOURCE.", Exit.USAGE)
    return name


def person_named(name: str) -> User:
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise stop(f"there is no active account {name!r}: name the person who decides this.", Exit.USAGE)
    return user


def user_named(name: str) -> User:
    user = person_named(name)
    if not user.has_perm("classifier.manage_models"):
        raise stop(f"{name} may not manage models: an admin may.", Exit.REFUSED)
    return user


def headline(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures of an evaluation without its long tables."""
    views = {name: _view(figures[name]) for name in VIEWS}
    return views | {name: figures[name] for name in ("exact_set", "ece", "brier", "nll", "n", "reports_per_second")}


def _view(figures: dict[str, Any]) -> dict[str, float]:
    return {name: figures[name] for name in ("accuracy", "macro_f1")}


def _champion(line: str) -> ModelVersion:
    version = ModelVersion.objects.select_related("snapshot").champion(line)
    if version is None:
        raise stop(f"no model is in charge yet{_on(line)}: train one, or name one. {_known(line)}", Exit.REFUSED)
    return version


def _on(line: str) -> str:
    return "" if line == CLASSIFY else f" on the line {line}"


def _but_elsewhere(name: str) -> str:
    other = ModelVersion.objects.filter(name=name).first()
    return f": it is of the line {other.line}" if other else ""


def _known(line: str) -> str:
    versions = ModelVersion.objects.filter(line=line).order_by("-pk")
    names = list(versions.values_list("name", flat=True)[: SHOWN + 1])
    if not names:
        return "There are none yet: run manage.py train."
    more = ", ..." if len(names) > SHOWN else ""
    return f"There are: {', '.join(names[:SHOWN])}{more}."
