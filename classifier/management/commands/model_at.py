"""`manage.py model_at DATE [--incident ID] [--replay]`"""

from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, line_given
from classifier.models.version import CLASSIFY
from classifier.services.in_charge import Moment, NoSuchMoment, Said, at, moment_of, paths_said, replay, said_of
from config.commands import EXIT_CODES, Exit, stop
from incidents.models import Incident


class Command(ModelCommand):
    help = f"Say which model was in charge on a date, and what stood on a report then. {EXIT_CODES}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("date", metavar="DATE", help="2026-11-27 for the end of that day, or 2026-11-27T14:30")
        parser.add_argument("--line", default=CLASSIFY, help=f"the model line; default: {CLASSIFY}")
        parser.add_argument("--incident", type=int, metavar="ID", help="the number of a report")
        parser.add_argument("--replay", action="store_true", help="have the same version say it again")

    def work(self, **options: Any) -> dict[str, Any]:
        if options["replay"] and options["incident"] is None:
            raise stop("--replay is of --incident: name the report.", Exit.USAGE)
        try:
            then = at(moment_of(options["date"]), line_given(options["line"]))
        except NoSuchMoment as error:
            raise stop(str(error), Exit.USAGE) from error
        result = _in_charge(then)
        if options["incident"] is not None:
            result["incident"] = _said(said_of(_report(options["incident"]), then), options["replay"])
        return result

    def tell(self, result: dict[str, Any]) -> None:
        model = result["model"]
        since = f", since {result['since']}" if model else ""
        self.stdout.write(f"{result['moment']}: {model or 'no model'} was in charge{since}.")
        if said := result.get("incident"):
            self._tell_report(said)

    def _tell_report(self, said: dict[str, Any]) -> None:
        if not said["filed"]:
            return self.stdout.write(f"Report {said['id']} was not filed yet.")
        if said["model"] is None:
            predicted = "nothing was predicted yet."
        else:
            labels, sure = "; ".join(said["predicted"]), f"confidence {said['confidence']:.3f}"
            predicted = f"{labels}, {sure}, by {said['model']} at {said['predicted_at']}"
        self.stdout.write(f"Report {said['id']}: {predicted}")
        if said["decided"]:
            self.stdout.write(f"Decided: {'; '.join(said['decided'])}")
        if again := said.get("replay"):
            same = "the same labels" if again["same"] else f"OTHER labels: {'; '.join(again['predicted'])}"
            self.stdout.write(f"Replayed: {same}, no probability moved by more than {again['largest_change']:.5f}")


def _report(number: int) -> Incident:
    incident = Incident.objects.filter(pk=number).first() if 0 < number < 2**63 else None
    if incident is None:
        raise stop(f"there is no report {number}.", Exit.USAGE)
    return incident


def _in_charge(then: Moment) -> dict[str, Any]:
    return {
        "moment": then.moment.isoformat(),
        "model": then.version.name if then.version else None,
        "since": then.promotion.created_at.isoformat() if then.promotion else None,
        "by": str(then.promotion.by) if then.promotion and then.promotion.by else None,
        "reason": then.promotion.reason if then.promotion else "",
        "moves": [
            {"at": move.created_at.isoformat(), "action": str(move.action), "model": move.version.name}
            for move in then.moves
        ],
    }


def _said(said: Said, again: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"id": said.incident.pk, "filed": said.text is not None, "model": None}
    if said.label:
        told["decided"] = [str(path) for path in said.label.paths.all()] or [str(said.label.verdict)]
    else:
        told["decided"] = []
    if said.prediction is None:
        return told
    found = replay(said.prediction) if again else None
    paths = paths_said(said.prediction, found)
    told |= {
        "model": said.prediction.version.name,
        "was_in_charge": said.by_champion,
        "predicted": [str(paths[pk]) for pk in said.prediction.path_ids if pk in paths],
        "confidence": said.prediction.confidence,
        "predicted_at": said.prediction.created_at.isoformat(),
    }
    if found:
        told["replay"] = found.to_json() | {"predicted": [str(paths[pk]) for pk in found.path_ids if pk in paths]}
    return told
