"""`manage.py drift`"""

from collections.abc import Iterator
from typing import Any

from classifier.management.cli import ModelCommand
from classifier.services.drift_figures import drift_figures
from config.commands import EXIT_CODES


class Command(ModelCommand):
    help = f"Whether reports still look as they did when the model in charge learned: looks and alarms. {EXIT_CODES}"

    def work(self, **options: Any) -> dict[str, Any]:
        return drift_figures()

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write("\n".join(_lines(result)))


def _lines(found: dict[str, Any]) -> Iterator[str]:
    if found["model"] is None:
        yield "No model is in charge, so there is nothing to compare reports with."
        return
    yield "{model}, in charge since {in_charge_since}; {waiting} of {window} reports wait for a look".format_map(found)
    if found["trouble"]:
        yield f"no look comes until somebody queues its job again: {found['trouble']}"
    for look in found["looks"]:
        tests = ", ".join(f"{kind} {test['statistic']:.4g} (p {test['p']:.3g})" for kind, test in look["tests"].items())
        fired = f"; fired: {', '.join(look['fired'])}" if look["fired"] else ""
        yield f"look {look['number']}, {look['at']}, {look['reports']} reports: {tests or 'too few to compare'}{fired}"
    for alarm in found["alarms"]:
        yield f"alarm {alarm['id']} of {alarm['kind']} at look {alarm['look']} of {alarm['model']}: {alarm['state']}"
    yield "{needed} of the last {of} looks with p <= {level} are an alarm".format_map(found["rule"])
