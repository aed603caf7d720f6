import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from classifier.ml.anomaly import AnomalyModel, text_shape
from classifier.ml.artifact import ArtifactCorrupt
from classifier.ml.forest import FlatForest


def rows(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 7)).astype(np.float32)


@pytest.mark.parametrize(("count", "samples"), [(1000, 512), (300, 512), (40, 16), (2, 2)])
def test_flat_scores_equal_those_of_scikit_learn(count, samples):
    data = rows(count)
    forest = FlatForest.fit(data, seed=4, samples=samples)
    grown = IsolationForest(n_estimators=100, max_samples=min(samples, count), random_state=4).fit(data)
    fresh = rows(1500, seed=1) * 2
    assert np.abs(forest.score(fresh) + grown.score_samples(fresh)).max() < 1e-12


def test_identical_rows_and_a_single_row_are_survived():
    assert np.isfinite(FlatForest.fit(np.ones((50, 3), np.float32), seed=0).score(rows(5)[:, :3])).all()
    assert np.isfinite(FlatForest.fit(np.ones((1, 3), np.float32), seed=0).score(rows(5)[:, :3])).all()
    assert FlatForest.fit(rows(10), seed=0).score(rows(0)).shape == (0,)


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="at least one row"):
        FlatForest.fit(rows(0), seed=0)


def test_what_is_far_from_all_earlier_reports_has_a_high_percentile():
    texts = [f"an ordinary report number {number}" for number in range(400)]
    vectors = rows(400) * 0.1 + 1
    model = AnomalyModel.fit(vectors, texts, "hash", seed=0)
    ordinary = model.percentiles(vectors, texts)
    strange = model.percentiles(vectors[:1] * -3, ["$$$ 000 $$$ " * 800])
    assert ordinary.mean() == pytest.approx(50, abs=1)
    assert ordinary.min() >= 0
    assert strange[0] > 99


def test_saved_and_loaded_it_scores_the_same(tmp_path):
    texts = [str(number) for number in range(60)]
    model = AnomalyModel.fit(rows(60), texts, "hash", seed=0)
    model.save(tmp_path / "a", dataset_hash="d", code_version="c")
    loaded = AnomalyModel.load(tmp_path / "a")
    assert np.array_equal(loaded.percentiles(rows(60, 2), texts), model.percentiles(rows(60, 2), texts))
    assert loaded.encoder_hash == "hash"
    (tmp_path / "a" / "forest.npz").write_bytes(b"")
    with pytest.raises(ArtifactCorrupt):
        AnomalyModel.load(tmp_path / "a")


def test_the_shape_of_a_text_is_finite_whatever_the_text():
    assert text_shape("") == (0, 0, 0, 0, 0)
    assert text_shape("AB 12!")[2:] == pytest.approx((2 / 6, 2 / 6, 1 / 6))
    assert np.isfinite([text_shape(text) for text in ["\x00", "मेरा खाता", "😱" * 9, "x" * 20_000]]).all()
