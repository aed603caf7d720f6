"""Base models with what they cost in service. Pages read this: it imports neither torch nor transformers."""

from dataclasses import dataclass

from classifier.ml.config import SMALL_SCRATCH


@dataclass(frozen=True, slots=True)
class Preset:
    """Measured by benchmarks/presets.py in float32 on one core of an AMD EPYC with AVX-512, 100 tokens a report."""

    name: str  # what a training takes as its base model
    parameters: int
    weights_mb: int
    peak_mb: int  # of a process that scores, 446 MB of it interpreter and libraries; training takes a multiple
    speed: float  # reports a second, google/flan-t5-small (25 there) being 1
    licence: str = "Apache-2.0"  # of the weights, as the hub's card says

    @property
    def short_name(self) -> str:
        return self.name.rpartition("/")[2]

    @property
    def size(self) -> str:
        millions = self.parameters / 1e6
        return f"{millions / 1000:.1f} billion" if millions >= 1000 else f"{millions:.0f} million"

    @property
    def cost(self) -> str:
        """In one line, for whoever chooses."""
        memory = f"{self.size} parameters, {self.peak_mb / 1024:.1f} GB of memory to classify"
        if self.speed == 1:
            return memory
        factor = self.speed if self.speed > 1 else 1 / self.speed
        return f"{memory}, {factor:.0f} times {'faster' if self.speed > 1 else 'slower'} than flan-t5-small"


PRESETS = (
    Preset(SMALL_SCRATCH, 1_793_152, weights_mb=7, peak_mb=523, speed=32, licence=""),  # with 5,157 pieces
    Preset("google/flan-t5-small", 76_961_152, weights_mb=294, peak_mb=814, speed=1),
    Preset("google/flan-t5-base", 247_577_856, weights_mb=944, peak_mb=1_478, speed=0.24),
    Preset("google/flan-t5-large", 783_150_080, weights_mb=2_987, peak_mb=3_535, speed=0.073),
    Preset("google/flan-t5-xl", 2_849_757_184, weights_mb=10_871, peak_mb=11_420, speed=0.019),
)
