import numpy as np
import pytest

from classifier.ml.doubts import FEWEST, NEIGHBOURS, TooFew, find_doubts, form_opinions, given_labels, label_quality
from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath, Taxonomy

WORDS = ["caller bank code voice", "virus file laptop trojan", "picture insult profile school"]
THREE = Taxonomy((LabelPath.of(["Fraud"]), LabelPath.of(["Attack"]), LabelPath.of(["Abuse"])))


def sentence(kind: int, number: int) -> str:
    words = WORDS[kind].split()
    return f"{words[number % 4]} and {words[(number * 3 + 1) % 4]} then {words[(number // 4) % 4]} case{number}"


def reports(count: int = 90) -> list[Example]:
    return [Example(sentence(number % 3, number), (number % 3,)) for number in range(count)]


def doubts(examples, taxonomy=THREE):
    return find_doubts(examples, taxonomy, seed=0, beat=lambda: None)


def test_planted_errors_come_first_with_the_right_label_suggested():
    examples = reports()
    for place in (10, 40, 71):
        examples[place] = Example(examples[place].text, ((place + 1) % 3,))
    found = doubts(examples)
    assert {one.place for one in found[:3]} == {10, 40, 71}
    assert all(one.suggested == (one.place % 3,) for one in found[:3])
    assert all(one.quality < 0.3 and one.probability > 0.5 and one.agreeing > NEIGHBOURS / 2 for one in found[:3])


def test_sound_labels_are_not_doubted():
    assert doubts(reports()) == []


def test_one_wrong_label_of_two_is_found_and_the_right_one_stays_suggested():
    examples = [Example(f"{sentence(n % 3, n)} {sentence((n + 1) % 3, n)}", (n % 3, (n + 1) % 3)) for n in range(90)]
    examples = [Example(one.text, tuple(sorted(one.paths))) for one in examples]
    examples[31] = Example(examples[31].text, (0, 1))  # it speaks of 1 and 2
    found = doubts(examples)
    assert found[0].place == 31
    assert set(found[0].suggested) == {1, 2}


def test_two_labels_of_one_report_share_its_probability_and_are_not_doubted_for_that():
    examples = reports(60) + [Example(f"{sentence(0, n)} {sentence(1, n)}", (0, 1)) for n in range(30)]
    assert [one for one in doubts(examples) if one.place >= 60] == []


def test_a_report_is_judged_without_its_own_group():
    """Whoever has seen the copies of a wrong label would believe it."""
    examples = [*reports(), *[Example("caller bank code voice", (2,), group="copies") for _ in range(6)]]
    opinions = form_opinions(examples, THREE, 0, lambda: None)
    assert (opinions.probabilities[90:].argmax(axis=1) == 0).all()


def test_a_rare_label_is_not_doubted_for_its_rarity():
    four = Taxonomy((*THREE.paths, LabelPath.of(["Theft"])))
    examples = [*reports(), Example("a phone was taken in the train", (3,))]
    opinions = form_opinions(examples, four, 0, lambda: None)
    assert label_quality(opinions, given_labels(examples, 4))[90] == 1


@pytest.mark.parametrize("examples", [reports(FEWEST - 1), [Example(f"word{n}", (0,)) for n in range(FEWEST)]])
def test_too_few_labels_are_said(examples):
    with pytest.raises(TooFew):
        doubts(examples)


def test_a_report_without_a_word_is_no_error():
    examples = [*reports(), Example("", (0,)), Example("!!!", (1,))]
    assert np.isfinite([one.quality for one in doubts(examples)]).all()


def test_a_beat_that_raises_stops_the_search():
    class Stop(Exception):
        pass

    def beat():
        raise Stop

    with pytest.raises(Stop):
        find_doubts(reports(), THREE, 0, beat)
