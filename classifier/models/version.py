"""Model versions."""

from contextlib import suppress
from pathlib import Path as FilePath

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier import store
from classifier.ml.artifact import (
    CLASSIFIER,
    ArtifactCorrupt,
    ArtifactError,
    ArtifactMissing,
    ArtifactUnusable,
    open_artifact,
    read_manifest,
)
from classifier.ml.config import NO_T5
from classifier.ml.variant import VariantMeasure
from classifier.models.dataset import DatasetSnapshot
from incidents import policy

CLASSIFY = "classify"  # the model line that sorts reports
DETECT = "detect"  # the one that tells threats from normal events
DETECTOR_PREFIX = "anomaly:"  # and the name of a source: the line of its detectors


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def champion(self, line: str = CLASSIFY) -> "ModelVersion | None":
        return self.filter(line=line, stage=ModelVersion.Stage.CHAMPION).first()

    def previous(self, line: str = CLASSIFY) -> "ModelVersion | None":
        """The one that a roll-back puts in charge."""
        return self.filter(line=line, stage=ModelVersion.Stage.PREVIOUS).first()

    def shadow(self, line: str = CLASSIFY) -> "ModelVersion | None":
        """The one that scores beside the champion and decides nothing."""
        return self.filter(line=line, stage=ModelVersion.Stage.SHADOW).first()


class ModelVersion(models.Model):
    """A trained model: an artefact folder and what is known about it.

    challenger -> champion (promoted) -> previous (another was promoted) -> archived
    previous -> champion (rolled back); the champion that leaves -> archived
    challenger | archived -> shadow (scores silently) -> challenger | champion
    challenger -> archived (its files were pruned)
    """

    class Stage(models.TextChoices):
        CHALLENGER = "challenger", _("Challenger")
        CHAMPION = "champion", _("Champion")
        PREVIOUS = "previous", _("Previous")
        SHADOW = "shadow", _("Shadow")
        ARCHIVED = "archived", _("Archived")

    line = models.CharField(max_length=80, default=CLASSIFY)
    name = models.CharField(max_length=120, unique=True)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.CHALLENGER)
    snapshot = models.ForeignKey(DatasetSnapshot, on_delete=models.PROTECT, related_name="versions")
    base_model = models.CharField(max_length=300)
    t5_weight = models.FloatField(help_text="The T5's weight in the blend, 0 to 1.")
    encoder_hash = models.CharField(max_length=64, help_text="Names the space that this version's vectors live in.")
    folder = models.CharField(max_length=500, help_text="The artefact, below the folder of models.")
    int8 = models.JSONField(
        null=True, help_text="How far the int8 variant decides as the float one does; null: not measured."
    )
    shadow_since = models.DateTimeField(null=True, help_text="When it began to score silently; null: it does not.")
    pruned_at = models.DateTimeField(
        null=True, help_text="When its files were removed to save space; null: they are kept."
    )
    files_gone = models.BooleanField(
        default=False, help_text="Of a pruned version: nothing is left of its files; else their removal is tried again."
    )
    load_error = models.TextField(
        blank=True, help_text="Why a worker could not load it, as its files were the last time; empty: it could."
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        permissions = [("manage_models", "Can train, promote and roll back models")]
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=Q(stage=stage), name=f"one_{stage}_per_line")
            for stage in ("champion", "previous", "shadow")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_champion(self) -> bool:
        return self.stage == self.Stage.CHAMPION

    @property
    def scores_events(self) -> bool:
        """Whether it is the detector of a source."""
        return self.line.startswith(DETECTOR_PREFIX)

    @property
    def is_linear_alone(self) -> bool:
        """Whether it was trained without a T5."""
        return self.base_model == NO_T5

    @property
    def int8_measured(self) -> VariantMeasure | None:
        return VariantMeasure.from_json(self.int8)

    @property
    def wants_int8_measure(self) -> bool:
        """Whether an admin or the gate wants the int8 variant, there is one, and not enough is known about it."""
        measured = self.int8_measured
        lacks = not self.is_linear_alone and (measured is None or not measured.on_enough)
        return lacks and bool(policy.value("int8_on_cpu") or policy.value("gate_int8_agreement"))

    @property
    def serves_int8(self) -> bool:
        """Whether workers without a GPU serve the int8 variant: an admin wants it, and it passed the gate."""
        measured = self.int8_measured
        return measured is not None and measured.passed and bool(policy.value("int8_on_cpu"))

    @property
    def artefact(self) -> FilePath:
        """The whole of it on this machine, fetched where it was not there."""
        return store.fetched(self.folder)

    @property
    def artefact_bytes(self) -> int | None:
        """The size of all of it; None where it is gone, or where nobody can say at the moment."""
        return store.size_of(self.folder)

    @property
    def manifest_folder(self) -> FilePath:
        """A folder that holds at least its manifest."""
        return store.with_manifest(self.folder)

    @property
    def artefact_error(self) -> str:
        """Why the artefact cannot be read and what to do, or "".

        By its manifest and by what the last worker that loaded it has met: to read the files through would take long.
        """
        return str(self._artefact_problem() or "")

    @property
    def artefact_is_lost(self) -> bool:
        """Whether another version has to take its place. A storage that does not answer is waited for."""
        return isinstance(self._artefact_problem(), ArtifactUnusable)

    def _artefact_problem(self) -> ArtifactError | None:
        if self.pruned_at:
            return ArtifactMissing(f"its files were removed on {self.pruned_at:%Y-%m-%d} to save space; build it again")
        try:
            read_manifest(self.manifest_folder)
        except ArtifactError as error:
            return error
        return ArtifactCorrupt(self.load_error) if self.load_error else None

    def note_load(self, error: str) -> None:
        """Keep why it could not be loaded just now; "" where it could."""
        if error != self.load_error:
            type(self).objects.filter(pk=self.pk).update(load_error=error)
            self.load_error = error

    def look_again(self) -> None:
        """Read the files of one that could not be loaded through: they may have been restored since."""
        if self.load_error:
            with suppress(ArtifactError):
                open_artifact(self.artefact, CLASSIFIER)
                self.note_load("")
