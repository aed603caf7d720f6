"""What hides in a text, what a model makes of it, and what only looks strange."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.hostile_texts import HIDDEN, Wanted, attacked
from classifier.ml.hidden import Hidden, hidden
from classifier.ml.text import normalise

CLEAN = "Mr Kane wrote that Your Account is locked: pay 500 EUR to +91 98765 43210 or lose all files (http://example.org/page)"
WANTED = Wanted("Harmless", ("Nothing happened.",))
ONLY_NEARLY = {"Cyrillic, nearly alike, 50 %"}
ORDINARY = {
    "Russian": "Мне позвонили из банка и попросили код. Сор и мусор, оса у хорошей сосны.",
    "Greek": "Μου ζήτησαν τον κωδικό της κάρτας, και πήραν όλα τα χρήματα.",
    "Chinese": "有人冒充银行职员打电话要我的验证码",
    "Devanagari with joiners": "क्\u200dष मेरे खाते से पैसे निकाल लिए",
    "Persian with a non-joiner": "می\u200cخواهم گزارش بدهم",
    "Hebrew with marks of direction": "קיבלתי הודעה מ-\u200eWhatsApp\u200f היום",
    "Vietnamese": "Tôi nhận được một tin nhắn lừa đảo",
    "two languages": "Сбербанк Online: мне пришло SMS, нажмите на Login и введите код",
    "emoji": "👩\u200d💻 paid ❤\ufe0f 🇮🇳",
    "a flag of England": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "a number as telephones copy it": "call \u202a+91 98765 43210\u202c now",
    "a decomposed accent": "un me\u0301chant pirate",
}


@pytest.mark.parametrize("attack", [name for name in HIDDEN if name not in ONLY_NEARLY | {"full-width"}])
def test_a_disguise_is_read_as_what_it_shows_and_told(attack):
    text = attacked(attack, CLEAN, WANTED, seed=1)
    read, clean = normalise(text).split(), CLEAN.split()
    if attack == "shown from right to left":  # each word is read as it is shown, the last first
        read.reverse()
    assert read == clean
    assert hidden(text)


def test_full_width_letters_are_plain_letters():
    assert normalise(attacked("full-width", CLEAN, WANTED, seed=1)) == CLEAN


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_text_of_any_language_hides_nothing(text):
    assert not hidden(text)


@pytest.mark.parametrize("name", [name for name in ORDINARY if not name.startswith(("a ", "Hebrew"))])
def test_ordinary_text_stays_as_it_is(name):
    assert normalise(ORDINARY[name]) == ORDINARY[name]


def test_each_kind_is_counted():
    text = "p\u200ba\u00ady \u202eyap\u202c p\u0430y p\u0336a\u0336y\u0336 \U000e0070\U000e0061"
    assert hidden(text) == {
        Hidden.IN_WORDS: 2, Hidden.TAGS: 2, Hidden.BACKWARDS: 1, Hidden.LOOKALIKES: 1, Hidden.COVERED: 6,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("\u0441\u043e\u0440 the card", "cop the card"),  # a word of nothing but look-alikes in Latin company
        ("\u0441\u043e\u0440 \u0436\u044f", "\u0441\u043e\u0440 \u0436\u044f"),  # and in its own
        ("h\u0430\u0441\u043aer", "hacker"),  # one letter only nearly alike
        ("\u03b1-particles", "\u03b1-particles"),
        ("\u202e\u05d0\u05d1\u202c", "\u05d0\u05d1"),  # runs from right to left by itself
    ],
)  # fmt: skip
def test_what_is_latin_follows_from_the_company_that_letters_keep(raw, clean):
    assert normalise(raw) == clean


LETTERS = "ab1 \n\u0430\u043a\u0435\u03bf\u200b\u200d\u202e\u202c\u0336\u0301\ufe0f❤\u1100\u1161\u1160\u3164"


@given(st.text(st.sampled_from(LETTERS), max_size=20))
def test_the_normal_form_of_a_normal_form_is_itself(text):
    assert normalise(normalise(text)) == normalise(text)
