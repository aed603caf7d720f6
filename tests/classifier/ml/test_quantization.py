import numpy as np
import pytest
import torch
from torch import nn

from classifier.ml import hf_format
from classifier.ml.gradients import token_shares
from classifier.ml.quantization import WEIGHT_LEVELS, Int8Linear, is_quantized
from classifier.ml.t5 import T5Classifier
from classifier.ml.vocabulary import Tokenizer, train_vocabulary
from tests.classifier.ml.tiny_t5 import tiny_t5

LABELS = [(5, 6), (5, 7), (9,)]


@pytest.fixture(scope="module")
def texts(make_examples):
    return [example.text for example in make_examples(60)]


@pytest.fixture(scope="module", params=[False, True], ids=["relu", "gated"])
def folder(request, texts, tmp_path_factory):
    """A saved model whose weights are as small as a trained one's, so that its answers are not all 0 or 1."""
    tokenizer = Tokenizer(train_vocabulary(texts, 400), "", 64)
    model = tiny_t5(tied=False, gated=request.param, vocabulary=len(tokenizer))
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(0.5)
    folder = tmp_path_factory.mktemp("t5")
    T5Classifier(model, False, tokenizer, LABELS).save(folder)
    return folder


@pytest.fixture
def plain(folder):
    return T5Classifier.load(folder, "cpu")


@pytest.fixture
def int8(folder):
    return T5Classifier.load(folder, "cpu", int8=True)


def test_a_layer_rounds_its_weights_once_and_what_comes_in_per_row():
    torch.manual_seed(0)
    layer = nn.Linear(64, 32, bias=False)
    x = torch.randn(5, 7, 64)
    x[2] *= 1000  # an outlier coarsens its own rows only
    with torch.inference_mode():
        wanted, got = layer(x), Int8Linear(layer)(x)
    errors = (got - wanted).abs().amax(-1) / wanted.abs().amax(-1)
    assert errors.max() < 0.03


def test_sums_are_exact_at_the_ends_of_the_range_on_any_processor():
    weight = torch.ones(8, 256)
    weight[4:] = -1
    layer = nn.Linear(256, 8, bias=False)
    layer.weight.data = weight
    with torch.inference_mode():
        got = Int8Linear(layer)(torch.ones(3, 256))
    assert torch.allclose(got, torch.ones(3, 256) @ weight.T, rtol=1e-6)
    assert Int8Linear(layer).weight.abs().max() == WEIGHT_LEVELS


def test_a_row_or_a_channel_of_zeros_stays_zero():
    layer = nn.Linear(8, 4, bias=False)
    layer.weight.data[1] = 0
    with torch.inference_mode():
        assert not Int8Linear(layer)(torch.zeros(2, 8)).any()
        assert not Int8Linear(layer)(torch.randn(2, 8))[:, 1].any()


def test_only_the_linear_layers_of_encoder_and_decoder_are_rounded(int8, plain):
    model = int8.model
    assert is_quantized(model) and not is_quantized(plain.model)
    assert not any(type(module) is nn.Linear for stack in (model.encoder, model.decoder) for module in stack.modules())
    assert torch.equal(model.lm_head.weight, plain.model.lm_head.weight)
    assert torch.equal(model.shared.weight, plain.model.shared.weight)


def test_it_says_nearly_what_the_float_model_says_in_the_same_space(int8, plain, texts):
    ours, theirs = int8.score(texts), plain.score(texts)
    assert np.exp(ours.log_probabilities).sum(1) == pytest.approx(1, abs=1e-5)
    assert 0 < np.abs(np.exp(ours.log_probabilities) - np.exp(theirs.log_probabilities)).max() < 0.1
    assert (ours.vectors * theirs.vectors).sum(1).min() > 0.99
    assert int8.hash == plain.hash


def test_a_text_is_answered_alike_alone_and_in_company(int8, texts):
    """To some thousandths, not to 1e-5: a difference in the last bit may tip a rounding."""
    together = np.exp(int8.score([*texts, "word " * 60]).log_probabilities)
    for place in range(0, 60, 12):
        alone = np.exp(int8.score([texts[place]]).log_probabilities)
        assert np.abs(alone - together[place]).max() < 5e-3


def test_an_int8_model_can_be_explained(int8, plain):
    ids, fixed = [30, 31, 32, 33, 1], np.array([True, False, False, False, True])
    direction = np.array([1.0, -0.25, -0.75])
    ours, theirs = (token_shares(one.engine, ids, fixed, direction) for one in (int8, plain))
    assert np.abs(theirs).max() > 1e-3
    assert ours == pytest.approx(theirs, abs=0.1 * np.abs(theirs).max())


def test_an_int8_model_is_not_saved_and_the_artefact_stays_as_it_was(int8, folder, tmp_path):
    before = (folder / hf_format.WEIGHTS).read_bytes()
    with pytest.raises(ValueError, match="load it without int8"):
        int8.save(tmp_path)
    assert not list(tmp_path.iterdir())
    assert (folder / hf_format.WEIGHTS).read_bytes() == before
