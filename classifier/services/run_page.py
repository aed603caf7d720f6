"""What the page of one training shows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from classifier.models import TrainingRun
from classifier.models.version import CLASSIFY, DETECT
from classifier.services.dataset_contents import Contents, in_words
from classifier.services.hyper_parameters import HYPER_PARAMETERS, Words
from classifier.services.lines import Line, line_named
from classifier.services.training import can_resume


@dataclass(frozen=True)
class Curve:
    """`numbers` are for the script; `passes` the ends of passes, with step, loss and validation score."""

    numbers: str
    passes: Sequence[tuple[int, int, float | None, float]]


@dataclass(frozen=True)
class RunPage:
    """`settings` are the hyper-parameters that were set; `like_url` names the form that begins with them, or is ""."""

    line: Line
    left_out: Sequence[str]
    curve: Curve
    settings: Sequence[tuple[Words, object]]
    like_url: str
    resumable: bool


def run_page(run: TrainingRun) -> RunPage:
    return RunPage(
        line=line_named(run.line),
        left_out=in_words(Contents.from_json(run.contents).parts),
        curve=curve_of(run),
        settings=[(one.label, _told(run.options[one.name])) for one in HYPER_PARAMETERS if one.name in run.options],
        like_url={CLASSIFY: "train", DETECT: "train-detection"}.get(run.line, ""),
        resumable=can_resume(run),
    )


def curve_of(run: TrainingRun) -> Curve:
    steps, losses, scores = ([point[place] for point in run.history] for place in range(3))
    ends = [point for point in run.history if point[2] is not None]
    names = {"step": gettext("Step"), "loss": gettext("Loss"), "score": gettext("Validation score")}
    return Curve(
        json.dumps({"names": names, "steps": steps, "losses": losses, "scores": scores}) if steps else "",
        [(number, step, loss, score) for number, (step, loss, score) in enumerate(ends, 1)],
    )


def _told(value: object) -> object:
    return {True: gettext("yes"), False: gettext("no")}[value] if isinstance(value, bool) else value
