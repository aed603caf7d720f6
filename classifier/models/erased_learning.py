"""Which versions learned from reports that were erased, and what became of their words in the artefact."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from classifier.models.version import ModelVersion
from incidents.models import Erasure


class ErasedLearning(models.Model):
    """A version whose dataset held reports of an erasure. The rows are gone from the dataset; how many, stays here.

    waiting -> cleaned (an artefact without the words took its place) | clean (it held none of them)
    waiting -> deleted (it could not be read or cleaned, so its files are gone) | gone (its files were gone before)
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CLEANED = "cleaned", _("Cleaned")
        CLEAN = "clean", _("Held none of the words")
        DELETED = "deleted", _("Files deleted")
        GONE = "gone", _("Files were gone already")

    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="learned")
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="erased_learning")
    learned = models.PositiveIntegerField(help_text="Reports that it was trained or calibrated on.")
    tested = models.PositiveIntegerField(help_text="Reports that it was only measured on.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    superseded = models.CharField(
        max_length=500, blank=True, help_text="The folder that held the words, until it is removed."
    )
    ngrams = models.PositiveIntegerField(default=0, help_text="Taken out of the linear expert.")
    pieces = models.PositiveIntegerField(default=0, help_text="Taken out of the T5's own vocabulary.")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["erasure", "version"], name="one_erased_learning_per_erasure_and_version")
        ]

    def __str__(self) -> str:
        return f"{self.version} and {self.erasure}"
