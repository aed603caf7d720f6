import numpy as np
import pytest

from classifier.ml.trie import PackedTrie

START, END = 0, 1


def build(*labels, **options):
    return PackedTrie.build(labels, START, END, **options)


def test_only_branching_nodes_and_their_ancestors_are_decoded():
    (part,) = build((5, 6, 7, 8), (5, 6, 9, 10, 11), (12, 13)).parts
    assert part.tokens.tolist() == [START, 5, 6]  # the root, and the way to where 7 and 9 part
    assert part.depths.tolist() == [0, 1, 2]
    assert part.branches.tolist() == [0, 2]
    assert part.edge_tokens.tolist() == [5, 12, 7, 9]


def test_positions_see_their_ancestors_only():
    (part,) = build((5, 6), (5, 7), (8, 9), (8, 10)).parts
    assert part.tokens.tolist() == [START, 5, 8]
    assert part.ancestors.tolist() == [[True, False, False], [True, True, False], [True, False, True]]


def test_the_end_of_a_label_is_a_child_where_longer_labels_go_on():
    trie = build((5,), (5, 6), (7,))
    (part,) = trie.parts
    assert sorted(part.edge_tokens.tolist()) == [END, 5, 6, 7]
    edges = {int(token): place for place, token in enumerate(part.edge_tokens)}
    nothing = len(part.edge_tokens)
    assert trie.path_edges.tolist() == [[edges[5], edges[END]], [edges[5], edges[6]], [edges[7], nothing]]


def test_a_single_label_has_nothing_to_decide():
    trie = build((5, 6, 7))
    assert trie.parts == ()
    assert trie.positions == 0
    assert trie.path_edges.shape[0] == 1


def test_two_thousand_two_token_paths_pack_into_their_categories():
    labels = [(10 + number % 40, 100 + number) for number in range(2000)]
    trie = build(*labels)
    (part,) = trie.parts
    assert trie.positions == 41
    assert len(part.edge_tokens) == 2040
    assert np.unique(trie.path_edges, axis=0).shape == (2000, 2)


def test_a_large_trie_comes_in_parts_that_together_decide_the_same():
    labels = [(10 + number % 7, 20 + number % 13, 100 + number) for number in range(200)]
    whole, torn = build(*labels), build(*labels, most_positions=20)
    assert len(whole.parts) == 1
    assert len(torn.parts) > 4
    assert all(len(part.tokens) <= 20 for part in torn.parts)
    assert np.array_equal(whole.path_edges, torn.path_edges)
    assert np.array_equal(whole.parts[0].edge_tokens, np.concatenate([part.edge_tokens for part in torn.parts]))


def test_a_branch_deeper_than_a_part_may_be_keeps_its_ancestors():
    (part,) = build((5, 6, 7, 8), (5, 6, 7, 9), most_positions=2).parts
    assert part.tokens.tolist() == [START, 5, 6, 7]


@pytest.mark.parametrize("labels", [(), ((),), ((5,), (5,)), ((5, END, 6), (7,))])
def test_labels_that_cannot_be_told_apart_are_refused(labels):
    with pytest.raises(ValueError, match="label"):
        build(*labels)
