"""What the model commands share: names of versions and people, figures in short."""

from typing import Any

from classifier import registry
from classifier.ml.artifact import ArtifactError
from classifier.ml.metrics import VIEWS
from classifier.models import ModelVersion
from config.commands import Exit, JsonCommand, stop
from incidents.models import User

SHOWN = 20  # names of versions in a message


class ModelCommand(JsonCommand):
    errors_for_people = (ArtifactError,)


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
