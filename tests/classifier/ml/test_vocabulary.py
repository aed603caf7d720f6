import pytest

from classifier.ml.text import words
from classifier.ml.vocabulary import BYTE_PIECES, END, Tokenizer, train_vocabulary

ODD_TEXTS = ["😱🔥", "मेरा बैंक खाता हैक हो गया", "\x00", "Ωmega ñandú", "x" * 20_000]


@pytest.fixture(scope="module")
def tokenizer(make_examples):
    return Tokenizer(train_vocabulary([example.text for example in make_examples(200)], 500), "", 64)


def test_the_same_texts_give_the_same_vocabulary(make_examples):
    texts = [example.text for example in make_examples(100)]
    assert train_vocabulary(texts, 400) == train_vocabulary(texts, 400)


def test_a_frequent_word_takes_fewer_pieces_than_a_made_up_one(tokenizer):
    assert len(tokenizer.label("password")) < len(tokenizer.label("drowssap"))


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_any_text_can_be_spelt_within_the_limit(tokenizer, text):
    (row,) = tokenizer.encode([text])
    assert row[-1] == END
    assert 1 <= len(row) <= 64
    assert all(0 <= token < len(tokenizer) for token in row)


def test_no_character_is_lost_to_the_unknown_piece(tokenizer):
    unknown = {tokenizer.piece(token) for text in ODD_TEXTS for token in tokenizer.encode([text])[0]}
    assert "<unk>" not in unknown


def test_an_empty_text_is_the_end_alone(tokenizer):
    assert tokenizer.encode([""]) == [[END]]


def test_a_prompt_stands_before_each_report(make_examples):
    model = train_vocabulary([example.text for example in make_examples(100)], 400)
    plain, prompted = Tokenizer(model, "", 20), Tokenizer(model, "report: ", 20)
    (prompt_only,) = prompted.encode([""])
    (row,) = prompted.encode(["password " * 100])
    assert row[: len(prompt_only) - 1] == prompt_only[:-1]
    assert len(row) == len(plain.encode(["password " * 100])[0]) == 20


@pytest.mark.parametrize("texts", [[], [""], ["a"], ["😱"], ["one two three"]])
def test_tiny_corpora_still_make_a_vocabulary(texts):
    assert len(Tokenizer(train_vocabulary(texts, 6000), "", 64)) > BYTE_PIECES


@pytest.mark.parametrize("limit", [200, 12])
@pytest.mark.parametrize("text", ["Hello BANK, otp\x00now \u200b straße 😡x 語 मेरे खाते", "", "word " * 40])
def test_words_are_encoded_as_the_text_is(text, limit):
    tokenizer = Tokenizer(train_vocabulary(["hello bank otp word मेरे खाते now"] * 20, 300), "read: ", limit)
    ids, owners = tokenizer.encode_words(words(text))
    assert [ids] == tokenizer.encode([text])
    assert len(owners) == len(ids) and owners[-1] == -1
    named = [owner for owner in owners if owner >= 0]
    assert named == sorted(named) and set(named) <= set(range(len(words(text))))
