"""Values spelled in letters of other scripts, and with signs that nobody sees: found as the plain ones are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.ml.lookalikes import _TABLE as LOOKALIKES
from classifier.ml.personal import Finding, find, mask
from classifier.ml.text import normalise

VALUES = {
    "E-mail": "asha.k@mail.example",
    "defanged e-mail": "asha[at]mail[dot]example",
    "UPI id of a known bank": "asha@oksbi",
    "UPI id": "his UPI id is boss725@anything",
    "IP address": "203.0.113.7",
    "IBAN": "DE89 3704 0044 0532 0130 00",
    "IBAN with letters": "GB82WEST12345698765432",
    "card": "4111 1111 1111 1111",
    "PAN": "ABCPE1234F",
    "NINO": "AB 12 34 56 C",
    "Rentenversicherung": "65 170839 J 003",
    "DNI": "12345678Z",
    "codice fiscale": "RSSMRA85T10A562S",
    "passport": "passport no. C01234567",
    "SSN": "social security number 123456789",
    "account": "account no. 12345678901",
    "Kontonummer": "Kontonummer: 1234567",
    "phone": "my mobile number is 5551234",
}
UNSEEN = ["\u200b", "\u200d", "\u00ad", "\u2060", "\ufeff", "\u034f", "\ufe0f", "\u0336", "\U000e0041"]
LOOK_BLANK = "\u3164\u2800\uffa0\u115f"


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str, list[int]]:
    """A sentence with a value, it with letters disguised and unseen signs between, and the places of its characters."""
    plain = f"They asked for it: {draw(st.sampled_from(sorted(VALUES.values())))} and it is gone."
    written, places = "", []
    for sign in plain:
        places.append(len(written))
        written += draw(st.sampled_from([sign, *LOOKALIKES.get(sign, "")]))
        written += draw(st.sampled_from(["", "", "", *UNSEEN]))
    return plain, written, places


@given(disguised())
def test_a_disguised_value_is_found_as_the_plain_one(texts: tuple[str, str, list[int]]) -> None:
    plain, written, places = texts
    expected = [Finding(places[one.start], places[one.end - 1] + 1, one.kind) for one in find(plain)]
    assert expected and list(find(written)) == expected


@given(disguised())
def test_what_a_model_reads_holds_no_value(texts: tuple[str, str, list[int]]) -> None:
    assert not find(normalise(mask(texts[1])))


@pytest.mark.parametrize("language", ["Мне позвонили и сказали: {}. Больше ничего.", "Με κάλεσαν και ζήτησαν {} χθες."])
@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("D\u041589 3704 0044 0532 0130 00", "[IBAN]"),
        ("\u0410BCPE1234F", "[NATIONAL-ID]"),
        ("ABCPE1234\u0425", "[NATIONAL-ID]"),  # its last letter is a word by itself
        ("asha@\u043eksbi", "[UPI]"),
        ("\u0430ccount 12345678", "\u0430ccount [ACCOUNT]"),
        ("p\u0430ssp\u043ert C0123456", "p\u0430ssp\u043ert [NATIONAL-ID]"),
    ],
)
def test_words_of_two_scripts_are_disguises_in_text_of_any_language(language: str, written: str, token: str) -> None:
    assert mask(language.format(written)) == language.format(token)


@pytest.mark.parametrize("blank", LOOK_BLANK)
@pytest.mark.parametrize(
    "value", ["4111 1111 1111 1111", "2345 6789 0124", "DE89 3704 0044 0532 0130 00", "98765 43210"]
)
def test_what_looks_blank_is_read_as_a_blank_and_as_nothing(blank: str, value: str) -> None:
    (plain,) = find(f"They asked for {value} first.")
    for between in (blank, blank * 3, f" {blank}", f"{blank} "):
        text = f"They asked for {value.replace(' ', between)} first."
        assert [one.kind for one in find(text)] == [plain.kind]
        assert mask(text) == f"They asked for {plain.kind.token} first."
        assert not find(normalise(mask(text)))


@pytest.mark.parametrize(
    "value", ["4111111111111111", "DE89370400440532013000", "ABCPE1234F", "asha@oksbi", "12345678Z", "123-45-6789"]
)
@pytest.mark.parametrize("blank", LOOK_BLANK)
def test_a_value_with_such_blanks_between_all_its_signs_is_found(value: str, blank: str) -> None:
    assert mask(f"It was {blank.join(value)} there.") == mask(f"It was {value} there.")


def test_an_announcing_word_may_stand_before_such_a_blank() -> None:
    assert mask("account\u316412345678") == "account\u3164[ACCOUNT]"


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("\u202e1114 1111 1111 1111\u202c", "\u202e[CARD]\u202c"),  # word by word, as a model reads it
        ("\u202eib\u0455ko@ahsa\u202c", "\u202e[UPI]\u202c"),
        ("card \u2462\u2463 4111\u00b41111\u00b41111\u00b41111", "card \u2462\u2463 [CARD]"),  # a blank with an accent
        ("41\u246a111111111111 1", "[CARD] 1"),  # an eleven in a circle is two digits
    ],
)
def test_other_orders_and_signs_that_stand_for_several(written: str, masked: str) -> None:
    assert mask(written) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Госномер А123ВС77, паспорт АВ 123456 с фото, код АВСРЕ1234Х.",
        "Сор и мусор: а/с 12345678 и оса 7654321.",
        "Ο αριθμός ΑΒ 12 34 56 Α ζητήθηκε χθες, και ο κωδικός ΑΒΕΖΗ1234Τ.",
        "Счёт 40817810099910004312 не наш, дата 11.05.2024.",
    ],
)
def test_words_of_one_script_in_its_own_company_are_no_disguise(text: str) -> None:
    assert mask(text) == text


def test_values_in_text_of_other_scripts_are_found_where_they_are() -> None:
    text = "Мне писали с asha@mail.example, карта 4111 1111 1111 1111, звоните +49 30 1234567."
    assert mask(text) == "Мне писали с [EMAIL], карта [CARD], звоните [PHONE]."


def test_tokens_that_make_a_text_latin_by_most_have_it_read_so() -> None:
    text = "Да: \u0430\u0441\u0441 12345678, +49 30 1234567"
    assert not find(normalise(mask(text)))
