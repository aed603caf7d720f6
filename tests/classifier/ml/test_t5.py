import numpy as np
import pytest
import torch
from transformers import T5ForConditionalGeneration

from classifier.ml import hf_format
from classifier.ml.bases import BaseModelUnavailable, pretrained_t5, text_labels
from classifier.ml.batching import padded, token_batches
from classifier.ml.scratch import label_tokens
from classifier.ml.t5 import T5Classifier
from classifier.ml.taxonomy import LabelPath
from classifier.ml.vocabulary import Tokenizer, train_vocabulary
from tests.classifier.ml.conftest import PATHS
from tests.classifier.ml.tiny_t5 import tiny_t5

ODD_TEXTS = ["", " ", "\x00\x00", "a b " * 5_000, "😱🔥" * 30, "मेरा बैंक खाता हैक हो गया है"]


@pytest.fixture(scope="module")
def pieces(make_examples):
    return train_vocabulary([example.text for example in make_examples(100)], 400)


@pytest.fixture(params=[True, False], ids=["tied", "untied"])
def base(request, pieces, tmp_path):
    """A base model's folder, as `save_pretrained` and the hub lay it out."""
    model = tiny_t5(tied=request.param, vocabulary=len(Tokenizer(pieces, "", 8)))
    hf_format.write(model, request.param, tmp_path)
    (tmp_path / "spiece.model").write_bytes(pieces)
    return tmp_path


def test_a_base_folder_classifies_any_text_over_the_texts_of_its_labels(base):
    classifier = pretrained_t5(str(base), PATHS)
    for result in classifier.classify_batch(ODD_TEXTS):
        assert result.probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert np.linalg.norm(result.vector) == pytest.approx(1, abs=1e-5)
    assert classifier.classify_batch([]) == []


def test_results_do_not_depend_on_company_or_order(base):
    classifier = pretrained_t5(str(base), PATHS)
    texts = [*ODD_TEXTS, "money", "a stranger sends pictures", "files are locked and they want bitcoin"] * 8
    together = classifier.classify_batch(texts)
    for text, result in zip(texts[:9], together[:9], strict=True):
        (alone,) = classifier.classify_batch([text])
        assert np.abs(alone.probabilities - result.probabilities).max() < 1e-5
        assert np.abs(alone.vector - result.vector).max() < 1e-5


def test_saved_and_loaded_it_says_the_same(base, tmp_path):
    classifier = pretrained_t5(str(base), PATHS)
    (tmp_path / "saved").mkdir()
    classifier.save(tmp_path / "saved")
    loaded = T5Classifier.load(tmp_path / "saved", "cpu")
    before, after = classifier.score(ODD_TEXTS), loaded.score(ODD_TEXTS)
    assert np.array_equal(before.log_probabilities, after.log_probabilities)
    assert np.array_equal(before.vectors, after.vectors)
    assert loaded.hash == classifier.hash
    assert np.array_equal(loaded.embed(ODD_TEXTS), after.vectors)


def test_transformers_reads_what_is_written(base):
    ours, scale = hf_format.read(base)
    theirs = T5ForConditionalGeneration.from_pretrained(base)
    inputs = {"input_ids": torch.tensor([[5, 6, 7, 1]]), "decoder_input_ids": torch.tensor([[0, 9]])}
    with torch.no_grad():
        assert torch.equal(ours.eval()(**inputs).logits, theirs.eval()(**inputs).logits)
    assert scale is (ours.lm_head.weight is ours.shared.weight)


def test_what_transformers_writes_is_read(tmp_path):
    model = tiny_t5(tied=True)
    model.save_pretrained(tmp_path)
    ours, scale = hf_format.read(tmp_path)
    assert scale is True
    for name, weight in hf_format.state_of(model).items():
        assert torch.equal(weight, hf_format.state_of(ours)[name])


def test_a_name_that_cannot_be_had_says_what_to_do(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(BaseModelUnavailable, match="small-scratch"):
        pretrained_t5("nobody/no-such-model", PATHS)


@pytest.mark.parametrize("missing", ["spiece.model", "model.safetensors", "config.json"])
def test_an_incomplete_base_folder_is_refused(base, missing):
    (base / missing).unlink()
    with pytest.raises(BaseModelUnavailable, match=r"spiece|safetensors|config"):
        pretrained_t5(str(base), PATHS)


def test_weights_that_do_not_fit_are_refused(base):
    state = hf_format.state_of(hf_format.read(base)[0])
    with pytest.raises(hf_format.NotT5, match="missing"):
        hf_format.build(hf_format.read_config(base), {hf_format.SHARED: state[hf_format.SHARED]})


def test_scratch_labels_share_tokens_by_category_set_and_by_sub_category():
    paths = [LabelPath.of(["A"]), LabelPath.of(["A"], "X"), LabelPath.of(["B"], "X"), LabelPath.of(["A", "B"], "Y")]
    labels, added = label_tokens(paths, first=100)
    assert labels == [(100,), (100, 101), (102, 101), (103, 104)]
    assert added == 5


def test_labels_that_look_alike_to_the_vocabulary_are_still_told_apart(pieces):
    paths = [LabelPath.of(["Fraud"]), LabelPath.of(["fraud"]), LabelPath.of(["FRAUD"]), LabelPath.of(["\x00"])]
    labels = text_labels(Tokenizer(pieces, "", 64), paths)
    assert len(set(labels)) == 4
    assert all(labels)


@pytest.mark.parametrize("count", [1, 2000])
def test_any_number_of_paths_is_scored(pieces, count):
    paths = [LabelPath.of([f"category {number % 30}"], f"kind {number}") for number in range(count)]
    labels, added = label_tokens(paths, first=len(Tokenizer(pieces, "", 8)))
    model = tiny_t5(vocabulary=len(Tokenizer(pieces, "", 8)) + added)
    result = T5Classifier(model, True, Tokenizer(pieces, "", 64), labels).classify_batch(["money"])[0]
    assert result.probabilities.shape == (count,)
    assert result.probabilities.sum() == pytest.approx(1, abs=1e-4)


def test_any_number_of_texts_is_scored_window_by_window(base, monkeypatch):
    classifier = pretrained_t5(str(base), PATHS)
    texts = [*ODD_TEXTS, "money", "a stranger sends pictures"] * 3
    before, vectors = classifier.score(texts), classifier.embed(texts)
    seen = []
    encode = Tokenizer.encode_and_tell
    monkeypatch.setattr(Tokenizer, "encode_and_tell", lambda self, some: seen.append(len(some)) or encode(self, some))
    monkeypatch.setattr("classifier.ml.t5.WINDOW", 5)
    after = classifier.score(texts)
    assert seen == [5, 5, 5, 5, 4]
    assert np.abs(np.exp(after.log_probabilities) - np.exp(before.log_probabilities)).max() < 1e-5
    assert np.abs(classifier.embed(texts) - vectors).max() < 1e-5


def test_label_texts_of_two_thousand_paths_are_decoded_in_parts_of_bounded_size(pieces):
    tokenizer = Tokenizer(pieces, "", 64)
    paths = [LabelPath.of([f"category {number % 40}"], f"kind {number} of money") for number in range(2000)]
    classifier = T5Classifier(tiny_t5(vocabulary=len(tokenizer)), True, tokenizer, text_labels(tokenizer, paths))
    assert len(classifier.engine.parts) > 1
    assert max(len(part.tokens) for part in classifier.engine.parts) <= 256
    together = classifier.score(["money", "a stranger sends pictures"])
    assert np.exp(together.log_probabilities).sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_batches_are_sorted_and_keep_the_token_budget():
    lengths = [5, 300, 7, 7, 2000, 6]
    assert token_batches(lengths, budget=30) == [[0, 5, 2, 3], [1], [4]]
    assert sorted(index for batch in token_batches(lengths, 600) for index in batch) == list(range(6))


def test_the_token_budget_counts_what_is_decoded():
    assert token_batches([5, 5, 5, 5], budget=30) == [[0, 1, 2, 3]]
    assert token_batches([5, 5, 5, 5], budget=30, positions=10) == [[0, 1], [2, 3]]
    assert token_batches([5, 5], budget=30, positions=1000) == [[0], [1]]


def test_rows_are_padded_to_the_longest():
    ids, mask = padded([[5, 6, 1], [1]], torch.device("cpu"))
    assert ids.tolist() == [[5, 6, 1], [1, 0, 0]]
    assert mask.tolist() == [[True, True, True], [True, False, False]]
