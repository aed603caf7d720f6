"""How people type: typing errors, missing blanks, capitals throughout, SMS spelling."""

from collections.abc import Callable
from random import Random

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEXT_KEY = {key: row[max(i - 1, 0) : i] + row[i + 1 : i + 2] for row in _KEYS for i, key in enumerate(row)}
_SMS = {
    **{"please": "plz", "you": "u", "your": "ur", "are": "r", "account": "a/c", "message": "msg", "messages": "msgs"},
    **{"and": "n", "because": "bcoz", "number": "no", "transaction": "txn", "received": "recd", "people": "ppl"},
    **{"from": "frm", "amount": "amt", "for": "4", "with": "wid", "that": "dat", "the": "d", "this": "dis"},
    **{"what": "wat", "have": "hv", "when": "wen", "help": "hlp", "before": "b4", "to": "2", "someone": "sum1"},
    **{"somebody": "sumbody", "money": "mny", "password": "pwd", "phone": "fone", "about": "abt", "photos": "pics"},
    **{"complaint": "complnt", "immediately": "immdtly", "not": "nt", "was": "ws", "is": "s", "kindly": "kndly"},
}


def as_typed(text: str, rng: Random) -> str:
    """The text as one writer would type it; about two in five type cleanly."""
    habit: Callable[[str, Random], str] = rng.choices(_HABITS, _SHARES)[0]
    return habit(text, rng)


def _clean(text: str, _rng: Random) -> str:
    return text


def _careless(text: str, rng: Random) -> str:
    text = text.lower() if rng.random() < 0.5 else text
    text = text.replace(".", "", text.count(".") // 2) if rng.random() < 0.3 else text
    return _misspell(text, rng, 0.02)


def _hasty(text: str, rng: Random) -> str:
    return _misspell(text.lower().replace(",", ""), rng, 0.1)


def _sms(text: str, rng: Random) -> str:
    words = [_SMS.get(word, word) for word in text.lower().split(" ")]
    return _misspell(" ".join(words), rng, 0.03)


def _shouting(text: str, rng: Random) -> str:
    return _misspell(text, rng, 0.02).upper()


_HABITS = (_clean, _careless, _hasty, _sms, _shouting)
_SHARES = (0.42, 0.33, 0.12, 0.08, 0.05)


def _misspell(text: str, rng: Random, rate: float) -> str:
    """Spoil about `rate` of the words; words with digits or signs (amounts, addresses) stay as they are."""
    spoiled = []
    for word in text.split(" "):
        wrong = word.isalpha() and len(word) > 2 and rng.random() < rate
        spoiled.append(_spoil(word, rng) if wrong else word + " ")
    return "".join(spoiled).strip()


def _spoil(word: str, rng: Random) -> str:
    """One slip and the blank after the word: letters swapped, lost, doubled, mistyped, or the blank missing."""
    at = rng.randrange(1, len(word) - 1)
    slip = rng.randrange(5)
    if slip == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :] + " "
    if slip == 1:
        return word[:at] + word[at + 1 :] + " "
    if slip == 2:
        return word[:at] + word[at] + word[at:] + " "
    if slip == 3:
        return word[:at] + rng.choice(_NEXT_KEY.get(word[at], word[at])) + word[at + 1 :] + " "
    return word
