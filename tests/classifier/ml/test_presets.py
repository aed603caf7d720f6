import subprocess
import sys

import pytest

from benchmarks.shapes import SHAPES, random_t5
from classifier.ml.presets import PRESETS


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_weights_take_four_bytes_a_parameter_and_fit_into_the_peak(preset):
    assert preset.weights_mb == round(4 * preset.parameters / 2**20)
    assert preset.weights_mb < preset.peak_mb


def test_the_parameters_are_those_of_the_published_shape():
    small = next(preset for preset in PRESETS if preset.name.endswith("flan-t5-small"))
    assert sum(weight.numel() for weight in random_t5("flan-t5-small").parameters()) == small.parameters
    assert {preset.name.removeprefix("google/") for preset in PRESETS[1:]} == set(SHAPES)


def test_costs_are_told_in_one_line():
    told = {preset.name: preset.cost for preset in PRESETS}
    assert told["google/flan-t5-small"] == "77 million parameters, 0.8 GB of memory to classify"
    assert told["google/flan-t5-xl"].startswith("2.8 billion parameters, 11.2 GB")
    assert told["google/flan-t5-xl"].endswith("53 times slower than flan-t5-small")


def test_pages_can_read_them_without_torch():
    code = "import sys, classifier.ml.presets; sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
