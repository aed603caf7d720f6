"""`manage.py impact V`"""

from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, version_named
from classifier.models import ImpactPreview
from classifier.services.asking import IMPACT
from classifier.services.impact import NoImpact, ask_for_impact, preview_impact
from classifier.wording import FAIRNESS
from config.commands import EXIT_CODES, Exit, stop
from workers import jobs
from workers.models import Job


class Command(ModelCommand):
    help = f"Say what putting a model version in charge would change, on open and recent reports. {EXIT_CODES}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("version", metavar="V", help="the version's name")

    def work(self, **options: Any) -> dict[str, Any]:
        try:
            preview = ask_for_impact(version_named(options["version"]), by=None)
        except NoImpact as error:
            raise stop(str(error), Exit.REFUSED) from error
        _look(preview)
        preview.refresh_from_db()
        return {
            "model": preview.version.name,
            "champion": preview.champion.name,
            "figures": preview.figures,
            "note": str(FAIRNESS),
            "changes": preview.groups,
        }

    def tell(self, result: dict[str, Any]) -> None:
        figures = result["figures"]
        self.stdout.write(
            f"{result['model']} in place of {result['champion']}: {figures['changed']:,} of {figures['reports']:,}"
            f" reports get another label, {figures['open_changed']:,} of them open"
        )
        if figures.get("judged"):
            self.stdout.write(
                f"of {figures['judged']:,} that people decided and neither learned from: {figures['right_before']:,} as"
                f" decided before, {figures['right_after']:,} now; of {figures['blind_judged']:,} decided blind:"
                f" {figures['blind_right_before']:,} before, {figures['blind_right_after']:,} now. {result['note']}"
            )
        for change in result["changes"]:
            self.stdout.write(f"{change['reports']:>6,}  {change['old']}  ->  {change['new']}")


def _look(preview: ImpactPreview) -> None:
    """In this process, until it is done; a worker that has taken the job finishes it."""
    job = Job.objects.filter(kind=IMPACT, object_id=preview.pk).latest("pk")
    while preview.status not in {ImpactPreview.Status.DONE, ImpactPreview.Status.FAILED}:
        batch = jobs.claim_job(job, worker="manage.py impact")
        if batch is None:
            raise stop("a worker is looking already: ask again in a moment.", Exit.REFUSED)
        preview_impact(batch)
        preview.refresh_from_db()
