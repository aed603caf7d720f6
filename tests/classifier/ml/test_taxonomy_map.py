import numpy as np
import pytest

from classifier.ml.taxonomy_map import (
    DIVIDED,
    LIVE,
    MERGED,
    RETIRED,
    Reading,
    Step,
    carried_over,
    decided_today,
    fold_names,
    fold_steps,
    read_today,
    standing,
)

PATHS = [1, 2, 3, 4]


def merge(pk, path, into):
    return Step(pk, closes={path: (MERGED, into)})


def retire(pk, path):
    return Step(pk, closes={path: (RETIRED, None)})


def undo(pk, step):
    return Step(pk, undoes=step)


def reading(*steps):
    states = fold_steps(steps)
    return Reading({path: into for path, (state, into) in states.items() if state in (MERGED, RETIRED)})


def chances(seed, rows=50):
    return np.random.default_rng(seed).dirichlet(np.ones(len(PATHS)), rows)


@pytest.mark.parametrize("seed", range(5))
def test_a_row_adds_up_to_one_whatever_was_merged_or_retired(seed):
    rng = np.random.default_rng(seed)
    steps = [merge(1, 1, 2), retire(2, 3)] if rng.random() < 0.5 else [retire(1, 1), merge(2, 4, 3)]
    found = reading(*steps).map_of(PATHS)
    assert np.allclose(found.spread(chances(seed)).sum(axis=1), 1)


def test_without_a_change_of_these_paths_there_is_no_map():
    assert Reading().map_of(PATHS) is None
    assert reading(merge(1, 7, 8)).map_of(PATHS) is None


def test_probabilities_of_merged_paths_add_up_and_the_others_stay():
    found = reading(merge(1, 1, 3)).map_of(PATHS)
    before = chances(1)
    after = dict(zip(found.order, found.spread(before).T, strict=True))
    assert np.allclose(after[3], before[:, 0] + before[:, 2])
    assert np.allclose(after[2], before[:, 1])
    assert 1 not in after
    assert np.allclose(found.retired(before), 0)


def test_retired_mass_is_shared_out_in_proportion_and_told():
    found = reading(retire(1, 4)).map_of(PATHS)
    row = np.array([[0.1, 0.2, 0.2, 0.5]])
    assert np.allclose(found.spread(row), [[0.2, 0.4, 0.4]])
    assert np.allclose(found.retired(row), 0.5)


def test_a_row_that_lay_on_retired_paths_alone_is_spread_evenly():
    found = reading(retire(1, 4)).map_of(PATHS)
    assert np.allclose(found.spread(np.array([[0.0, 0.0, 0.0, 1.0]])), 1 / 3)


def test_merging_step_by_step_is_merging_at_once():
    by_steps = reading(merge(1, 1, 2), merge(2, 2, 3)).map_of(PATHS)
    at_once = reading(merge(1, 1, 3), merge(2, 2, 3)).map_of(PATHS)
    assert np.allclose(by_steps.spread(chances(3)), at_once.spread(chances(3)))


def test_what_was_merged_into_a_path_that_is_retired_then_is_retired():
    assert fold_steps([merge(1, 1, 2), retire(2, 2)])[1] == (RETIRED, None)


def test_undoing_gives_back_what_was_and_undoing_that_takes_it_again():
    steps = [merge(1, 1, 2), undo(2, 1)]
    assert fold_steps(steps) == {1: (LIVE, None)}
    assert reading(*steps).map_of(PATHS) is None
    assert [step.pk for step in standing([*steps, undo(3, 2)])] == [1, 3]
    assert fold_steps([*steps, undo(3, 2)])[1] == (MERGED, 2)


def test_a_divided_path_reads_as_itself_and_what_was_merged_into_it_as_it():
    states = fold_steps([merge(1, 1, 2), Step(2, opens={5: 2, 6: 2}, closes={2: (DIVIDED, None)})])
    assert states == {1: (MERGED, 2), 2: (DIVIDED, None), 5: (LIVE, None), 6: (LIVE, None)}


def test_parts_of_a_split_that_was_undone_read_as_the_whole_and_an_added_path_as_nothing():
    split, added = Step(1, opens={5: 2, 6: 2}, closes={2: (DIVIDED, None)}), Step(2, opens={7: None})
    states = fold_steps([split, added, undo(3, 1), undo(4, 2)])
    assert states == {2: (LIVE, None), 5: (MERGED, 2), 6: (MERGED, 2), 7: (RETIRED, None)}


def test_the_most_probable_path_of_today_is_decided():
    now = reading(merge(1, 1, 2))
    today = read_today(PATHS, np.array([0.3, 0.3, 0.4, 0.0]), now)
    assert decided_today([3], today, now) == [2]
    assert decided_today([1, 3], today, now) == [2, 3]
    assert today.chance([2]) == pytest.approx(0.6)


def test_a_confidence_moves_with_the_mass_of_what_was_decided():
    assert carried_over(0.7, 0.5, 0.5) == 0.7
    assert carried_over(0.5, 0.5, 0.8) == pytest.approx(0.8)
    assert carried_over(0.6, 0.5, 0.8) > 0.8
    assert 0 < carried_over(0.9, 1.0, 0.2) < 0.9


def rename(pk, was, now, number=1):
    return Step(pk, names={("category", number): (was, now)})


def test_names_are_those_after_the_steps_that_stand():
    steps = [rename(1, "a", "b"), rename(2, "b", "c"), undo(3, 2), rename(4, "x", "y", number=2)]
    assert fold_names(steps) == {("category", 1): "b", ("category", 2): "y"}
    assert fold_names(steps, until=2) == {("category", 1): "c", ("category", 2): "x"}
    assert fold_names(steps, until=0) == {("category", 1): "a", ("category", 2): "x"}


@pytest.mark.parametrize("seed", range(5))
def test_names_at_any_moment_are_those_that_the_steps_until_then_gave(seed):
    rng, steps, name, moments = np.random.default_rng(seed), [], {1: "1", 2: "2"}, {0: {1: "1", 2: "2"}}
    for pk in range(1, 12):
        number = int(rng.integers(1, 3))
        steps.append(rename(pk, name[number], f"{number}-{pk}", number))
        name[number] = f"{number}-{pk}"
        moments[pk] = dict(name)
    known = {named for step in steps for named in step.names}
    for pk, then in moments.items():
        assert fold_names(steps, until=pk) == {named: then[named[1]] for named in known}
