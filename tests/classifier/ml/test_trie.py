import numpy as np
import pytest

from classifier.ml.trie import PackedTrie

START, END = 0, 1


def build(*labels):
    return PackedTrie.build(labels, START, END)


def test_only_branching_nodes_and_their_ancestors_are_decoded():
    trie = build((5, 6, 7, 8), (5, 6, 9, 10, 11), (12, 13))
    assert trie.tokens.tolist() == [START, 5, 6]  # the root, and the way to where 7 and 9 part
    assert trie.depths.tolist() == [0, 1, 2]
    assert trie.branches.tolist() == [0, 2]
    assert trie.edge_tokens.tolist() == [5, 12, 7, 9]


def test_positions_see_their_ancestors_only():
    trie = build((5, 6), (5, 7), (8, 9), (8, 10))
    assert trie.tokens.tolist() == [START, 5, 8]
    assert trie.ancestors.tolist() == [[True, False, False], [True, True, False], [True, False, True]]


def test_the_end_of_a_label_is_a_child_where_longer_labels_go_on():
    trie = build((5,), (5, 6), (7,))
    assert sorted(trie.edge_tokens.tolist()) == [END, 5, 6, 7]
    edges = {int(token): place for place, token in enumerate(trie.edge_tokens)}
    nothing = len(trie.edge_tokens)
    assert trie.path_edges.tolist() == [[edges[5], edges[END]], [edges[5], edges[6]], [edges[7], nothing]]


def test_a_single_label_has_nothing_to_decide():
    trie = build((5, 6, 7))
    assert len(trie.edge_tokens) == len(trie.branches) == 0
    assert trie.path_edges.shape[0] == 1


def test_two_thousand_two_token_paths_pack_into_their_categories():
    labels = [(10 + number % 40, 100 + number) for number in range(2000)]
    trie = build(*labels)
    assert len(trie.tokens) == 41
    assert len(trie.edge_tokens) == 2040
    assert np.unique(trie.path_edges, axis=0).shape == (2000, 2)


@pytest.mark.parametrize("labels", [(), ((),), ((5,), (5,)), ((5, END, 6), (7,))])
def test_labels_that_cannot_be_told_apart_are_refused(labels):
    with pytest.raises(ValueError, match="label"):
        build(*labels)
