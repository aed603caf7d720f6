"""Texts and label sets that nobody hopes for, through whole trainings: T5, linear expert and their blend."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import T5Config, T5ForConditionalGeneration

from classifier.ml import hf_format
from classifier.ml.config import TrainingConfig, TrainingData
from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath, Taxonomy
from classifier.ml.training import fit
from classifier.ml.vocabulary import Tokenizer, train_vocabulary
from tests.classifier.ml.conftest import PATHS
from tests.classifier.ml.shrunk import shrink

SCRATCH = TrainingConfig(epochs=1, learning_rate=1e-2, batch_reports=8, device="cpu")
ODD_TEXTS = {
    "empty": "",
    "blanks": " \t\r\n ",
    "NULs": "\x00\x00money\x00taken\x00",
    "one word of 20,000 characters": "x" * 20_000,
    "20,000 characters": "money was taken from my card. " * 667,
    "emoji": "😱🔥👨‍👩‍👧‍👦🇮🇳" * 30,
    "Devanagari": "मेरे बैंक खाते से पैसे निकाल लिए गए हैं",
    "half a character": "money \ud800 taken",
    "right to left, hidden": "\u202emoney\u202c\u200b taken",
}
NESTED = (LabelPath.of(["Fraud"]), LabelPath.of(["Fraud"], "Card"), LabelPath.of(["Fraud"], "Card abroad"))
NESTED_TEXTS = ("a man lied to me", "my card was used in a shop", "my card was used in another country while i slept")


@pytest.fixture(autouse=True, scope="module")
def _tiny():
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        yield


@pytest.fixture(scope="module")
def model(make_examples, tmp_path_factory):
    data = TrainingData(PATHS, make_examples(60), make_examples(20, start=500))
    return fit(data, SCRATCH, tmp_path_factory.mktemp("work"), lambda sign: None)


def assert_sane(model, texts):
    for rows in model.classify_parts(texts).values():
        for row in rows:
            assert np.isfinite(row.probabilities).all()
            assert row.probabilities.sum() == pytest.approx(1, abs=1e-4)
            assert 0 < row.confidence <= 1
            assert row.decided


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_every_expert_and_the_blend_answer_odd_texts(model, text):
    assert_sane(model, [text])
    assert np.linalg.norm(model.embed([text])[0]) == pytest.approx(1, abs=1e-4)


def test_odd_texts_can_be_trained_on(tmp_path):
    examples = tuple(Example(text, (number % 2,)) for number, text in enumerate(ODD_TEXTS.values())) * 2
    data = TrainingData(PATHS[:2], examples, examples[:12])
    assert_sane(fit(data, SCRATCH, tmp_path, lambda sign: None), list(ODD_TEXTS.values()))


def test_two_thousand_paths_are_trained_and_answered(tmp_path):
    paths = tuple(LabelPath.of([f"category {number % 40}"], f"kind {number}") for number in range(2000))
    known = range(0, 2000, 20)
    examples = tuple(Example(f"thing{number} happened at place{number % 40}", (number,)) for number in known)
    model = fit(TrainingData(paths, examples, examples[:20]), SCRATCH, tmp_path, lambda sign: None)
    assert_sane(model, ["thing60 happened at place20", ""])
    found = model.classify_parts(["thing60 happened at place20"])
    assert found["t5"][0].probabilities.shape == (2000,)
    assert np.count_nonzero(found["linear"][0].probabilities) <= 100  # it knows no path without reports
    assert 60 in found["linear"][0].decided


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A pretrained base, as far as a tiny one can be: its labels are the texts of the labels."""
    folder = tmp_path_factory.mktemp("base")
    pieces = train_vocabulary([f"{text} {path.key}" for text, path in zip(NESTED_TEXTS, NESTED, strict=True)] * 9, 400)
    torch.manual_seed(0)
    network = T5ForConditionalGeneration(
        T5Config(
            vocab_size=len(Tokenizer(pieces, "", 8)),
            d_model=32,
            d_kv=8,
            d_ff=64,
            num_heads=4,
            num_layers=1,
            decoder_start_token_id=0,
        )
    )
    hf_format.write(network, True, folder)
    (folder / "spiece.model").write_bytes(pieces)
    return replace(SCRATCH, base_model=str(folder), epochs=9, patience=9, learning_rate=3e-3)


def nested(base, paths, workdir):
    examples = tuple(Example(f"{NESTED_TEXTS[number % 3]} {number}", (number % 3,)) for number in range(90))
    return fit(TrainingData(paths, examples[:60], examples[60:]), base, workdir, lambda sign: None)


@pytest.fixture(scope="module")
def nested_model(base, tmp_path_factory):
    return nested(base, NESTED, tmp_path_factory.mktemp("work"))


def decisions(model):
    return {name: [row.decided for row in rows] for name, rows in model.classify_parts(list(NESTED_TEXTS)).items()}


def test_a_label_that_is_the_beginning_of_another_is_told_from_it(nested_model):
    category, card, abroad = nested_model.t5.labels
    assert card[: len(category)] == category
    assert abroad[: len(card)] == card
    assert decisions(nested_model) == {name: [(0,), (1,), (2,)] for name in ("blend", "t5", "linear")}


def test_a_label_renamed_after_training_keeps_its_place_and_its_probability(nested_model, tmp_path):
    nested_model.save(tmp_path / "v1", dataset_hash="d", code_version="c", metrics={})
    renamed = (NESTED[0], LabelPath.of(["Fraud"], "Payment instrument"), NESTED[2])
    served = replace(type(nested_model).load(tmp_path / "v1", "cpu"), taxonomy=Taxonomy(renamed))
    before, after = (model.classify_batch(list(NESTED_TEXTS)) for model in (nested_model, served))
    assert [row.decided for row in after] == [row.decided for row in before]
    assert all(np.array_equal(a.probabilities, b.probabilities) for a, b in zip(before, after, strict=True))
    assert served.t5.labels == nested_model.t5.labels


def test_the_next_training_of_a_pretrained_base_takes_the_new_name(base, nested_model, tmp_path):
    again = nested(base, (NESTED[0], LabelPath.of(["Fraud"], "Bank"), NESTED[2]), tmp_path)
    assert again.t5.labels[1] != nested_model.t5.labels[1]
    assert (again.t5.labels[0], again.t5.labels[2]) == (nested_model.t5.labels[0], nested_model.t5.labels[2])
    assert decisions(again) == decisions(nested_model)


def test_small_scratch_learns_places_and_takes_no_notice_of_names(model, make_examples, tmp_path):
    renamed = (LabelPath.of(["Fraud"], "False mail"), *PATHS[1:])
    data = TrainingData(renamed, make_examples(60), make_examples(20, start=500))
    assert fit(data, SCRATCH, tmp_path, lambda sign: None).encoder_hash == model.encoder_hash
