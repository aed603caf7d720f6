"""Synthetic sentences that hold one value each, and sentences whose numbers only look like one. Every value is made up.

Values are drawn at random with their check digits; forms and sentences were written down before anything was measured.
"""

import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from classifier.ml.personal import Kind, checks

Make = Callable[[random.Random], str]


@dataclass(frozen=True)
class Sample:
    """`kind` is None for a near miss; `value` is what stands at `start`, and what must be found or left."""

    text: str
    value: str
    start: int
    kind: Kind | None
    form: str

    @property
    def end(self) -> int:
        return self.start + len(self.value)


def samples(per_kind: int, seed: int) -> Iterator[Sample]:
    chance = random.Random(seed)
    for forms, sentences, kind in _ALL:
        names = list(forms)
        for number in range(per_kind):
            form = names[number % len(names)]
            value, sentence = forms[form](chance), chance.choice(sentences)
            before, after = sentence.split("{}")
            yield Sample(f"{before}{value}{after}", value, len(before), kind, form)


def _digits(chance: random.Random, count: int, first: str = string.digits) -> str:
    return chance.choice(first) + "".join(chance.choices(string.digits, k=count - 1))


def _with_check(chance: random.Random, make: Make, holds: Callable[[str], bool]) -> str:
    while not holds(value := make(chance)):
        pass
    return value


def _grouped(value: str, *sizes: int, sign: str = " ") -> str:
    parts, rest = [], value
    for size in sizes:
        parts.append(rest[:size])
        rest = rest[size:]
    return sign.join([*parts, rest] if rest else parts)


def _name(chance: random.Random) -> str:
    first = chance.choice(["asha", "bilal", "carla", "deepak", "emil", "fatima", "georg", "hana", "ivan", "jürgen"])
    last = chance.choice(["rao", "k", "smith", "meyer", "garcia", "o'neil", "novak", "singh77", "x9"])
    return first + chance.choice([".", "_", "-", ""]) + last


def _domain(chance: random.Random) -> str:
    ending = chance.choice(["com", "co.uk", "org", "net", "in", "de"])
    return f"{chance.choice(['mail', 'post-box', 'corp.office', 'web'])}.{ending}"


def _email(chance: random.Random) -> str:
    return f"{_name(chance)}@{_domain(chance)}"


def _defanged(chance: random.Random) -> str:
    at = chance.choice(["[at]", " [at] ", "(at)", "[@]", "{at}"])
    return _email(chance).replace("@", at).replace(".", chance.choice(["[.]", ".", "[dot]"]))


def _upi(chance: random.Random) -> str:
    name = chance.choice([_name(chance).replace("'", "").replace("ü", "u"), _digits(chance, 10, "6789")])
    return f"{name}@{chance.choice(['okhdfcbank', 'okaxis', 'ybl', 'paytm', 'upi', 'oksbi', 'ibl', 'axisbank'])}"


def _card(chance: random.Random) -> str:
    start, length = chance.choice([("4", 16), ("51", 16), ("5425", 16), ("2223", 16), ("6011", 16), ("60", 16)])
    return _with_check(chance, lambda c: start + _digits(c, length - len(start)), checks.luhn)


def _iban(chance: random.Random) -> str:
    country, bank = chance.choice(
        [("DE", _digits(chance, 18)), ("GB", "WEST" + _digits(chance, 14)), ("FR", _digits(chance, 23)),
         ("NL", "ABNA" + _digits(chance, 10)), ("AE", _digits(chance, 19)), ("ES", _digits(chance, 20))]
    )  # fmt: skip
    spelled = "".join(str(int(sign, 36)) for sign in f"{bank}{country}00")
    return f"{country}{98 - int(spelled) % 97:02d}{bank}"


def _in_fours(value: str, sign: str = " ") -> str:
    return sign.join(value[place : place + 4] for place in range(0, len(value), 4))


def _v4(chance: random.Random, dot: str = ".") -> str:
    return dot.join(str(chance.choice([number for number in range(1, 224) if number != 127])) for _ in range(4))


def _v6(chance: random.Random) -> str:
    return f"2001:db8:{chance.randint(1, 0xFFFF):x}::{chance.randint(16, 0xFFFF):x}"


def _us_phone(chance: random.Random, form: str) -> str:
    return form.format(_digits(chance, 3, "23456789"), _digits(chance, 3, "23456789"), _digits(chance, 4))


_PHONES: dict[str, Make] = {
    "+49 30 1234567": lambda c: f"+49 {_area(c)} {_digits(c, 7, '123456789')}",
    "+91 98765 43210": lambda c: f"+91 {_digits(c, 5, '6789')} {_digits(c, 5)}",
    "+447911123456": lambda c: f"+447{_digits(c, 9)}",
    "(212) 555-0123": lambda c: _us_phone(c, "({}) {}-{}"),
    "212-555-0123": lambda c: _us_phone(c, "{}-{}-{}"),
    "212.555.0123": lambda c: _us_phone(c, "{}.{}.{}"),
    "98765 43210": lambda c: f"{_digits(c, 5, '6789')} {_digits(c, 5)}",
    "9876543210": lambda c: _digits(c, 10, "6789"),
    "030 12345678": lambda c: f"0{_area(c)} {_digits(c, 8, '123456789')}",
    "0171/1234567": lambda c: f"017{c.randint(0, 9)}/{_digits(c, 7)}",
    "020 7946 0018": lambda c: f"020 7{_digits(c, 3)} {_digits(c, 4)}",
    "01 23 45 67 89": lambda c: _grouped(f"01{_digits(c, 8)}", 2, 2, 2, 2),
}


def _area(chance: random.Random) -> str:
    return chance.choice(["30", "40", "69", "89", "221", "711"])


def _aadhaar(chance: random.Random) -> str:
    return _with_check(chance, lambda c: _digits(c, 12, "23456789"), checks.verhoeff)


def _pan(chance: random.Random) -> str:
    letters = "".join(chance.choices(string.ascii_uppercase, k=3))
    return (
        f"{letters}P{chance.choice(string.ascii_uppercase)}{_digits(chance, 4)}{chance.choice(string.ascii_uppercase)}"
    )


def _nino(chance: random.Random) -> str:
    return f"{chance.choice(['AB', 'CE', 'JK', 'SX'])}{_digits(chance, 6)}{chance.choice('ABCD')}"


def _ssn(chance: random.Random) -> str:
    return f"{chance.randint(100, 665)}-{chance.randint(10, 99)}-{chance.randint(1000, 9999)}"


def _tax_id(chance: random.Random) -> str:
    return _with_check(chance, lambda c: _digits(c, 11, "123456789"), checks.mod_11_10)


def _dni(chance: random.Random) -> str:
    digits = _digits(chance, 8)
    return digits + "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]


_IDS: dict[str, Make] = {
    "SSN": _ssn,
    "NINO": _nino,
    "NINO in groups": lambda c: _grouped(_nino(c), 2, 2, 2, 2),
    "Aadhaar": lambda c: _in_fours(_aadhaar(c)),
    "PAN": _pan,
    "Steuer-ID": _tax_id,
    "Steuer-ID in groups": lambda c: _grouped(_tax_id(c), 2, 3, 3),
    "DNI": _dni,
}


def _wrong_card(chance: random.Random) -> str:
    return _in_fours(_with_check(chance, lambda c: "4" + _digits(c, 15), lambda number: not checks.luhn(number)))


def _date(chance: random.Random) -> str:
    sign = chance.choice("./-")
    return f"{chance.randint(1, 28):02d}{sign}{chance.randint(1, 12):02d}{sign}{chance.randint(2015, 2026)}"


def _time_stamp(chance: random.Random) -> str:
    day = f"{chance.randint(2015, 2026)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    return f"{day} 14:{chance.randint(10, 59)}:07"


_NEAR_MISSES: dict[str, Make] = {
    "numbers below each other": lambda c: "\n".join(_digits(c, c.choice([4, 5, 8])) for _ in range(4)),
    "card that fails Luhn": _wrong_card,
    "order number": lambda c: f"order {_digits(c, 10)}",
    "ticket": lambda c: f"INC-{_digits(c, 10)}",
    "version": lambda c: f"version {c.randint(1, 20)}.{c.randint(0, 30)}.{c.randint(0, 99)}.{c.randint(0, 200)}",
    "build": lambda c: f"10.0.{c.randint(10000, 22631)}.{c.randint(300, 4000)}",
    "SHA-256": lambda c: "".join(c.choices("0123456789abcdef", k=64)),
    "MD5": lambda c: "".join(c.choices("0123456789abcdef", k=32)),
    "CVE": lambda c: f"CVE-{c.randint(2005, 2026)}-{c.randint(1000, 999999)}",
    "date": _date,
    "time stamp": _time_stamp,
    "MAC": lambda c: ":".join(f"{c.randint(0, 255):02X}" for _ in range(6)),
    "port and process": lambda c: f"port {c.randint(1024, 65535)}, process {c.randint(100, 99999)}",
    "amount": lambda c: f"Rs {c.randint(1, 99)},{c.randint(0, 99):02d},{c.randint(0, 999):03d}.00",
    "large amount": lambda c: f"{c.randint(100000, 9999999)} rupees",
    "UUID": lambda c: "-".join("".join(c.choices("0123456789abcdef", k=size)) for size in (8, 4, 4, 4, 12)),
    "reference of a payment": lambda c: f"UTR {_digits(c, 12)}",
    "user at host": lambda c: f"root@{c.choice(['server', 'db', 'web'])}{c.randint(1, 99)}",
    "handle": lambda c: f"@{_name(c)}",
    "address of a page": lambda c: f"https://{_domain(c)}/login?id={_digits(c, 6)}",
    "tracking number": lambda c: f"tracking {_digits(c, 12, '23456789')}",
    "IBAN that fails": lambda c: _in_fours("DE00" + _digits(c, 18, "123456789")),
    "wallet": lambda c: "0x" + "".join(c.choices("0123456789abcdef", k=40)),
}  # fmt: skip

_PLAIN = ("I got this from {} yesterday and did not answer.", "The message named {}, then the screen went dark.",
          "Found {} in the mail, please have a look.", "They wrote: {}. I told nobody.")  # fmt: skip
_PAID = ("I sent 5,000 to {} by mistake.", "The UPI id was {} and it is gone.", "He said pay {} now.")
_GIVEN = ("My id is {} and they have it now.", "I gave them {} on the form.", "They asked for {} first.")
_BANKED = ("My account number is {}, please block it.", "It went to account {} at once.", "a/c no. {} was emptied.",
           "Bitte sperren: Kontonummer {}.")  # fmt: skip
_CALLED = ("The call came from {} at noon.", "They gave me {} and hung up.", "His number is {}, it is off now.",
           "I answered {} and heard a bank.")  # fmt: skip


def _spelled(make: Make) -> dict[str, Make]:
    return {
        "whole": make,
        "in fours": lambda c: _in_fours(make(c)),
        "hyphens": lambda c: _in_fours(make(c), "-"),
        "wide gaps": lambda c: _in_fours(make(c), c.choice(["  ", "\t"])),
        "over two lines": lambda c: _in_fours(make(c)).replace(" ", "\n", 1),
    }


_ALL: tuple[tuple[dict[str, Make], tuple[str, ...], Kind | None], ...] = (
    ({"plain": _email, "defanged": _defanged, "capitals": lambda c: _email(c).upper()}, _PLAIN, Kind.EMAIL),
    ({"plain": _upi}, _PAID, Kind.UPI),
    ({"v4": _v4, "v4 defanged": lambda c: _v4(c, "[.]"), "v6": _v6}, _PLAIN, Kind.IP),
    (_spelled(_iban), _PLAIN, Kind.IBAN),
    (_spelled(_card), _PLAIN, Kind.CARD),
    (_IDS, _GIVEN, Kind.NATIONAL_ID),
    ({str(n): lambda c, n=n: _digits(c, n, "123456789") for n in (8, 12)}, _BANKED, Kind.ACCOUNT),
    (_PHONES, _CALLED, Kind.PHONE),
    (_NEAR_MISSES, _PLAIN, None),
)
