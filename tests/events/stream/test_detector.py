import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from classifier.ml.artifact import ArtifactCorrupt, ArtifactIncompatible, ArtifactMissing
from events.stream.detector import ColdStart, Detector

NAMES = ("bytes", "failed", "failed:z", "failed:delta", "template:rarity")
JUDGES = pytest.mark.parametrize("kind", [lambda rows, names: Detector.fit(rows, names, 0), ColdStart.fit])


def rows(count: int = 600, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    failed = generator.poisson(0.6, size=count).astype(float)
    columns = [generator.lognormal(6, 2, count), failed, generator.normal(size=count), failed - 0.6]
    return np.stack([*columns, generator.exponential(2, count)], axis=1)


def far_out() -> np.ndarray:
    return np.array([[1e9, 14.0, 9.5, 11.9, 15.0]])


@JUDGES
def test_what_is_far_out_scores_higher_than_what_was_learned_from(kind):
    judge = kind(rows(), NAMES)
    assert judge.score(far_out())[0] > judge.reference[-3]
    assert judge.percentiles(judge.score(far_out()))[0] > 99
    assert judge.percentiles(judge.score(rows())).mean() == pytest.approx(50, abs=1)
    assert ((judge.reference >= 0) & (judge.reference <= 1)).all()


@JUDGES
@pytest.mark.parametrize("budget", [0.001, 0.01, 0.05, 0.5, 0.9])
def test_never_more_than_the_budget_of_the_reference_is_above_the_threshold(kind, budget):
    tied = np.round(rows())
    judge = kind(tied, NAMES)
    above = (judge.score(tied) > judge.threshold(budget)).mean()
    assert above <= budget
    assert (judge.reference >= judge.threshold(budget)).mean() > budget - 1 / len(tied)


@JUDGES
@pytest.mark.parametrize("budget", [0, 1, -0.1, float("nan")])
def test_a_budget_that_is_no_share_is_refused(kind, budget):
    with pytest.raises(ValueError, match="share between 0 and 1"):
        kind(rows(), NAMES).threshold(budget)


@JUDGES
def test_a_row_has_one_score_whatever_its_company(kind):
    judge = kind(rows(), NAMES)
    together = judge.score(rows(70, seed=1))
    alone = [judge.score(row[None, :])[0] for row in rows(70, seed=1)]
    assert together == pytest.approx(alone, abs=1e-15)


@JUDGES
def test_a_missing_value_is_taken_for_the_usual_one(kind):
    learned = rows()
    learned[::3, 0] = np.nan
    judge = kind(learned, NAMES)
    row = rows(1, seed=3)
    usual = row.copy()
    row[0, 0], usual[0, 0] = np.nan, judge.scaling.medians[0]
    assert judge.score(row)[0] == judge.score(usual)[0]


@JUDGES
def test_rows_of_other_features_are_brought_into_order(kind):
    judge = kind(rows(), NAMES)
    names = ["new", *reversed(NAMES[1:])]
    given_rows = np.column_stack([np.zeros(8), rows(8, seed=2)[:, :0:-1]])
    aligned = judge.align(names)(given_rows)
    assert np.isnan(aligned[:, 0]).all()
    assert np.array_equal(aligned[:, 1:], rows(8, seed=2)[:, 1:])
    assert judge.align(NAMES)(rows()).tolist() == rows().tolist()
    with pytest.raises(ValueError, match="align them first"):
        judge.score(given_rows[:, :2])


@pytest.mark.parametrize("unit", [1e-3, 1024, 60])
def test_the_unit_of_a_feature_does_not_matter(unit):
    other = rows() * [unit, 1, 1, 1, 1]
    asked = rows(100, seed=1)
    scores = Detector.fit(rows(), NAMES, 0).score(asked)
    assert Detector.fit(other, NAMES, 0).score(asked * [unit, 1, 1, 1, 1]) == pytest.approx(scores, abs=0.01)


awkward = st.sampled_from([0.0, 1.0, -1.0, 1e-300, 1e308, -1e308, np.inf, -np.inf, np.nan])


@given(st.integers(2, 30), st.integers(1, 4), st.data())
@settings(max_examples=15, deadline=None)
def test_any_rows_of_two_or_more_can_be_learned_from(count, features, data):
    learned = data.draw(arrays(float, (count, features), elements=awkward))
    names = [f"f{number}" for number in range(features)]
    for judge in (ColdStart.fit(learned, names), Detector.fit(learned, names, 0)):
        scores = judge.score(learned)
        assert np.isfinite(scores).all()
        assert (scores > judge.threshold(0.05)).mean() <= 0.05
        for row in learned[:3]:
            assert all(one.sentence and one.share <= 0.05 for one in judge.explain(row, "user.name"))


@JUDGES
@pytest.mark.parametrize(
    ("count", "names", "reason"),
    [
        (0, NAMES, "at least two"),
        (1, NAMES, "at least two"),
        (9, NAMES[1:], "one name per column"),
        (9, "aabcd", "same name"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_a_sentence(kind, count, names, reason):
    with pytest.raises(ValueError, match=reason):
        kind(rows(count), names)


def test_confirmed_threats_are_left_out():
    learned = np.vstack([rows(), far_out().repeat(60, axis=0)])
    threats = np.arange(len(learned)) >= 600
    detector = Detector.fit(learned, NAMES, 0, exclude=threats)
    assert len(detector.reference) == 600
    assert detector.score(far_out())[0] > Detector.fit(learned, NAMES, 0).score(far_out())[0]


def test_the_same_rows_give_the_same_detector():
    one, other = (Detector.fit(rows(), NAMES, 7) for _ in range(2))
    assert np.array_equal(one.score(rows(50, seed=1)), other.score(rows(50, seed=1)))


def test_saved_and_loaded_it_judges_the_same(tmp_path):
    detector = Detector.fit(rows(), NAMES, 0)
    detector.save(tmp_path / "a", dataset_hash="d", code_version="c", metrics={"alert_rate": 0.01})
    loaded = Detector.load(tmp_path / "a")
    assert loaded.names == NAMES
    assert np.array_equal(loaded.score(rows(50, seed=1)), detector.score(rows(50, seed=1)))
    assert loaded.threshold(0.01) == detector.threshold(0.01)
    assert loaded.explain(far_out()[0], "user.name") == detector.explain(far_out()[0], "user.name")


def test_an_artefact_that_is_not_whole_is_refused(tmp_path):
    with pytest.raises(ArtifactMissing):
        Detector.load(tmp_path / "nothing")
    Detector.fit(rows(), NAMES, 0).save(tmp_path / "a", dataset_hash="", code_version="")
    (tmp_path / "a" / "reference.npz").write_bytes(b"")
    with pytest.raises(ArtifactCorrupt):
        Detector.load(tmp_path / "a")
    manifest = tmp_path / "a" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"detector"', '"anomaly"'))
    with pytest.raises(ArtifactIncompatible):
        Detector.load(tmp_path / "a")


@JUDGES
def test_an_explanation_names_a_field_once_and_the_farthest_first(kind):
    found = kind(rows(), NAMES).explain(far_out()[0], "user.name")
    assert [one.feature.split(":")[0] for one in found] == ["failed", "bytes", "template"]
    assert (
        found[0].sentence
        == "failed 14: above this user's own average of 2.1 by more than in all of the last 600 events"
    )
    assert found[1].sentence == "bytes 1,000,000,000: higher than in all of the last 600 events"
    assert found[2].sentence.startswith("log template seen in one of 32,768 events: rarer than in ")
    assert all(one.higher for one in found)


def test_what_is_usual_in_every_feature_is_not_explained():
    judge = ColdStart.fit(rows(), NAMES)
    assert judge.explain(judge.scaling.medians, "user.name") == []
    assert judge.explain(np.full(5, np.nan), "user.name") == []


def test_what_only_ever_grows_is_not_compared_with_the_past():
    rng = np.random.default_rng(3)
    rows = np.column_stack([rng.normal(0, 1, 600), rng.integers(0, 5, 600)]).astype(float)
    names = ("bytes", "entity:events")
    for judge in (Detector.fit(rows, names, 1), ColdStart.fit(rows, names)):
        grown = rows + np.array([0.0, 1e6])
        scores = [judge.score(judge.align(names)(one)) for one in (rows, grown)]
        np.testing.assert_array_equal(*scores)
