"""Check digits: what tells a card or an id from any other number of that length."""

from collections import Counter
from collections.abc import Sequence
from itertools import cycle

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_VERHOEFF_PRODUCTS = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
_VERHOEFF_PLACES = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip


def luhn(digits: str) -> bool:
    """Of cards (ISO/IEC 7812) and of Canada's SIN.

    >>> luhn("4111111111111111"), luhn("4111111111111112")
    (True, False)
    """
    numbers = [int(digit) for digit in reversed(digits)]
    return (sum(numbers[::2]) + sum(_DOUBLED[number] for number in numbers[1::2])) % 10 == 0


def mod_97(iban: str) -> bool:
    """Of an IBAN without blanks (ISO 13616).

    >>> mod_97("DE89370400440532013000"), mod_97("DE88370400440532013000")
    (True, False)
    """
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def verhoeff(digits: str) -> bool:
    """Of India's Aadhaar.

    >>> verhoeff("2363"), verhoeff("2364")
    (True, False)
    """
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _VERHOEFF_PRODUCTS[check][_VERHOEFF_PLACES[place % 8][int(digit)]]
    return check == 0


def mod_11_10(digits: str) -> bool:
    """Of Germany's tax id (ISO 7064, MOD 11,10), one digit of whose first ten stands there two or three times.

    >>> mod_11_10("86095742719"), mod_11_10("86095742718")
    (True, False)
    """
    product = 10
    for digit in digits[:-1]:
        product = 2 * ((int(digit) + product) % 10 or 10) % 11
    often = [count for count in Counter(digits[:-1]).values() if count > 1]
    return len(often) == 1 and often[0] <= 3 and (11 - product) % 10 == int(digits[-1])


def weighed(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, cycle(weights)))


def pension_number(number: str) -> bool:
    """Of Germany's pension insurance: eight digits, a letter, three digits.

    >>> pension_number("65170839J003"), pension_number("65170839J004")
    (True, False)
    """
    spelled = f"{number[:8]}{ord(number[8]) - 64:02d}{number[9:11]}"
    products = (
        int(digit) * weight for digit, weight in zip(spelled, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)
    )
    return sum(product // 10 + product % 10 for product in products) % 10 == int(number[11])


def spanish_letter(number: str) -> bool:
    """Of Spain's DNI, and of a NIE, which begins with X, Y or Z.

    >>> spanish_letter("12345678Z"), spanish_letter("X1234567L"), spanish_letter("12345678A")
    (True, True, False)
    """
    digits = number[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == number[-1]


def french_key(digits: str) -> bool:
    """Of France's NIR of 15 digits.

    >>> french_key("255081416802538"), french_key("255081416802539")
    (True, False)
    """
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


def brazilian_digits(digits: str) -> bool:
    """Of Brazil's CPF.

    >>> brazilian_digits("52998224725"), brazilian_digits("52998224726")
    (True, False)
    """
    numbers = [int(digit) for digit in digits]
    first, second = (10 * weighed(numbers[:n], range(n + 1, 1, -1)) % 11 % 10 for n in (9, 10))
    return [first, second] == numbers[9:] and len(set(numbers)) > 1


def polish_digit(digits: str) -> bool:
    """Of Poland's PESEL.

    >>> polish_digit("44051401359"), polish_digit("44051401358")
    (True, False)
    """
    return weighed([int(digit) for digit in digits], (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def italian_letter(code: str) -> bool:
    """Of Italy's codice fiscale of 16 signs.

    >>> italian_letter("RSSMRA85T10A562S"), italian_letter("RSSMRA85T10A562T")
    (True, False)
    """
    odd = dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True))
    order = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    odd |= dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", order, strict=True))
    even = sum(int(sign) if sign.isdigit() else ord(sign) - 65 for sign in code[1:15:2])
    return (even + sum(odd[sign] for sign in code[:15:2])) % 26 == ord(code[15]) - 65
