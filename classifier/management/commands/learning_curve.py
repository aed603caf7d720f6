"""`manage.py learning_curve`"""

from collections.abc import Iterator
from typing import Any

from classifier.management.cli import ModelCommand
from classifier.services.learning import learning, learning_figures
from classifier.services.learning_page import starving, summary
from config.commands import EXIT_CODES


class Command(ModelCommand):
    help = f"What more labels would probably bring, class by class, as it was last measured. {EXIT_CODES}"

    def work(self, **options: Any) -> dict[str, Any]:
        return learning_figures()

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write("\n".join(_lines(result)))


def _lines(told: dict[str, Any]) -> Iterator[str]:
    if told["trouble"]:
        yield f"the newest measuring failed: {told['trouble']}"
    if told["measured_at"] is None:
        yield "Not measured yet: ask for it on the page of the next labels, or by POST to learning-curve/ of the API."
        return
    yield "of {labels} decided reports, measured {measured_at}; {labels_since} decisions since".format_map(told)
    found = learning()
    for mean in (one for one in found.curves if not one.label):
        yield summary(mean)
        if hungry := starving(found.classes(mean.view)):
            yield hungry
    for one in told["classes"]:
        yield f"{one['view']} {one['label']}: {one['labels']} labels, F1 {one['f1'][-1]:.2f}, {_next(one)}"


def _next(one: dict[str, Any]) -> str:
    if one["gain"] is None:
        return str(one["verdict"])
    return f"{one['more']} more +{one['gain']:.2f} ({one['gain_low']:.2f} to {one['gain_high']:.2f}), {one['verdict']}"
