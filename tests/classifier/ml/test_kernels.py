import pytest
import torch
from torch import nn

from classifier.ml import kernels
from classifier.ml.kernels import linear


@pytest.fixture(params=[0, 10**12], ids=["oneDNN", "plain"])
def least_work(request, monkeypatch):
    monkeypatch.setattr(kernels, "LEAST_WORK", request.param)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(7, 16), (2, 3, 16), (1, 1, 16)])
def test_a_product_is_the_same_whoever_multiplies(least_work, bias, shape):
    module, x = nn.Linear(16, 24, bias=bias), torch.randn(shape)
    with torch.no_grad():
        assert torch.allclose(linear(module, x), module(x), atol=1e-6)


def test_gradients_by_the_input_of_fixed_weights_are_the_same(least_work):
    module, x = nn.Linear(16, 24, bias=False).requires_grad_(False), torch.randn(2, 3, 16, requires_grad=True)
    pull = torch.randn(2, 3, 24)
    (found,) = torch.autograd.grad((linear(module, x) * pull).sum(), x)
    assert torch.allclose(found, pull @ module.weight, atol=1e-6)


def test_weights_that_are_trained_get_their_gradients(least_work):
    module, x = nn.Linear(16, 24), torch.randn(3, 16)
    linear(module, x).sum().backward()
    assert torch.allclose(module.weight.grad, x.sum(0).expand(24, -1), atol=1e-6)
    assert torch.equal(module.bias.grad, torch.full((24,), 3.0))


def test_other_precisions_and_modules_multiply_themselves(least_work):
    x = torch.randn(3, 16)
    with torch.no_grad():
        coarse = nn.Linear(16, 24).bfloat16()
        assert torch.equal(linear(coarse, x.bfloat16()), coarse(x.bfloat16()))
        assert torch.equal(linear(nn.Identity(), x), x)


def test_pytorch_has_the_kernel_that_makes_the_difference():
    if not torch.backends.mkldnn.is_available():
        pytest.skip("this PyTorch is built without oneDNN")
    assert kernels._onednn is not None, "PyTorch no longer offers mkldnn._linear_pointwise: find its successor"
