"""Letters of other scripts that stand in Latin words because they look alike, read as the Latin letters they pretend.

A small table after Unicode's confusables (UTS 39): letters of Cyrillic, Greek, Armenian and Cherokee that an everyday
font draws as one Latin letter. Forms that NFKC knows (full-width, mathematical) need no row. Words of their own script
stay as they are: what is read as Latin are words that mix both, and words of nothing but look-alikes in a text that is
Latin by most of its letters. In words that mix both, also letters that are only nearly alike.
"""

import re

_TABLE = {
    "a": "\u0430\u03b1", "c": "\u0441", "d": "\u0501", "e": "\u0435\u04bd", "f": "\u0584", "g": "\u0581",
    "h": "\u04bb\u0570", "i": "\u0456\u03b9", "j": "\u0458\u03f3", "l": "\u04cf", "n": "\u0578",
    "o": "\u043e\u03bf\u0585\u03c3", "p": "\u0440\u03c1", "q": "\u051b\u0563", "s": "\u0455\uabaa",
    "u": "\u03c5\u057d", "v": "\u0475\u03bd\uaba9", "w": "\u051d\u0461", "x": "\u0445\u03c7",
    "y": "\u0443\u04af\u03b3", "z": "\uab93", "A": "\u0410\u0391\u13aa", "B": "\u0412\u0392\u13f4",
    "C": "\u0421\u13df", "D": "\u13a0", "E": "\u0415\u0395\u13ac", "F": "\u03dc", "G": "\u050c\u13c0",
    "H": "\u041d\u0397\u13bb", "I": "\u0406\u04c0\u0399", "J": "\u0408\u037f\u13ab", "K": "\u041a\u039a\u13e6",
    "L": "\u13de", "M": "\u041c\u039c\u13b7", "N": "\u039d", "O": "\u041e\u039f\u0555", "P": "\u0420\u03a1\u13e2",
    "R": "\u13a1", "S": "\u0405\u054f\u13da", "T": "\u0422\u03a4\u13a2", "U": "\u054d", "V": "\u0474\u13d9",
    "W": "\u051c\u13b3", "X": "\u0425\u03a7", "Y": "\u0423\u03a5\u04ae", "Z": "\u0396\u13c3",
}  # fmt: skip
_NEARLY = {
    "b": "\u044c\u03b2", "k": "\u043a\u03ba", "m": "\u043c", "n": "\u043f\u03b7", "r": "\u0433", "t": "\u0442\u03c4",
    "u": "\u0446", "w": "\u0448\u03c9", "h": "\u043d", "R": "\u042f", "N": "\u0418", "W": "\u0428",
}  # fmt: skip
_LATIN_OF = str.maketrans({other: latin for latin, others in _TABLE.items() for other in others})
_LATIN_IN_MIXED = _LATIN_OF | str.maketrans({other: latin for latin, others in _NEARLY.items() for other in others})
_SCRIPTS = "\u0370-\u058f\u13a0-\u13ff\uab70-\uabbf"  # those of the table
_LATIN, _BEHIND_LATIN = "A-\u024f\u1e00-\u1eff", "\u0250-\u1dff\u1f00-\U0010ffff"
_LETTERS_OF_SCRIPTS = re.findall(rf"(?![\d_])\w(?<=[{_SCRIPTS}])", "".join(map(chr, range(0x370, 0xABC0))))
_ALONE = "".join(letter for letter in _LETTERS_OF_SCRIPTS if ord(letter) not in _LATIN_OF)
OTHER = re.compile(f"[{_SCRIPTS}]")
_OWN = re.compile(f"[{_ALONE}]+")  # cannot pass for Latin, unless nearly
_LATIN_LETTERS = re.compile(rf"[^\W\d_{_BEHIND_LATIN}]+")


class _Words:
    """Where the words of a text are that may be read as Latin; most are not, and need no look at each letter.

    `no`: what is no part of a word; `shortest`: letters of a word of look-alikes alone.
    """

    def __init__(self, no: str, shortest: int) -> None:
        letter, latin, other = f"[^{no}]", f"[^{no}{_BEHIND_LATIN}]", f"[^{no}{_LATIN}]"
        self.of_two_scripts = re.compile(f"(?<!{letter})(?:{latin}++|{other}++){letter}+")
        self.without_latin = re.compile(f"(?<!{letter})[^{no}{_LATIN}{_ALONE}]{{{shortest},}}+(?!{letter})")

    def read(self, text: str, latin_by_most: bool) -> str:
        read = self.of_two_scripts.sub(lambda word: _latin_of_mixed(word.group()), text)
        return self.without_latin.sub(lambda word: word.group().translate(_LATIN_OF), read) if latin_by_most else read


_PLAIN = _Words(no=r"\W\d_", shortest=2)  # one letter by itself is more often a symbol, or a word of its language
_CODES = _Words(no=r"\W_", shortest=1)


def is_latin_by_most(text: str) -> bool:
    """Whether more letters of the text are Latin than are of the other scripts and could not pass for Latin."""
    if not OTHER.search(text):
        return True
    latin, own = _length(_LATIN_LETTERS, text), _length(_OWN, text)
    for word in _PLAIN.of_two_scripts.findall(text):
        read = _latin_of_mixed(word)
        if read != word:
            latin += _length(_LATIN_LETTERS, read) - _length(_LATIN_LETTERS, word)
            own += _length(_OWN, read) - _length(_OWN, word)
    return latin > own


def read_lookalikes(text: str, latin_by_most: bool) -> str:
    """The text, each letter in its place, with the look-alikes of Latin words as Latin letters.

    `latin_by_most`: `is_latin_by_most` of the whole text of which this is a part.
    """
    return _PLAIN.read(text, latin_by_most) if OTHER.search(text) else text


def read_lookalikes_in_codes(text: str, latin_by_most: bool) -> str:
    """As `read_lookalikes`, and what stands in codes: letters by themselves, and words with digits among the letters.

    To look for numbers of cards, accounts and people, which are often of one letter and many digits.
    """
    read = read_lookalikes(text, latin_by_most)
    return _CODES.read(read, latin_by_most) if OTHER.search(read) else read


def _latin_of_mixed(word: str) -> str:
    """A word of Latin and other letters, Latin by most of those that are no look-alikes, as Latin."""
    read = word.translate(_LATIN_IN_MIXED)
    never = len(OTHER.findall(read))
    return read if _length(_LATIN_LETTERS, word) > never else word


def _length(kind: re.Pattern[str], text: str) -> int:
    return sum(map(len, kind.findall(text)))
