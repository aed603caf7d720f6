"""Replaces what is a value by its look: addresses, ids, paths, numbers. Linear in the length of the text.

Every alternative either starts where no run of its characters goes on, or takes what it takes for good, so that no
text makes the expression go back and forth. All digits are treated alike: texts that differ in single digits only
are masked alike, which the cache in front relies on.
"""

import re

WILD = "<*>"
EXAMINED = 2000  # characters of a message; the rest tells no more about its template

_HEX = "[0-9A-Fa-f]"
_VALUES = re.compile(
    rf"""
    (?<![\w.+%-]) [\w.+%-]++ @ [\w.-]++                      # e-mail address, user@host
    | (?<!\w) [A-Za-z]\w*+ :// [^\s"'<>]++               # URL
    | (?<!\w) {_HEX}{{8}} (?: - {_HEX}{{4}} ){{3}} - {_HEX}{{12}} (?!\w)       # UUID
    | (?<![\w:]) {_HEX}{{2}} (?: [:-] {_HEX}{{2}} ){{5}} (?![\w:])             # MAC address
    | (?<![\w:.]) [0-9]{{1,2}} : [0-9]{{2}} : [0-9]{{2}} (?: [.,] [0-9]++ )?+ (?![\w:])   # time
    | (?<![\w:.]) (?= {_HEX}{{0,4}} : {_HEX}{{0,4}} : ) [0-9A-Fa-f:.]{{3,45}} (?: % \w++ )?+ (?![\w:])    # IPv6 address
    | (?<![\w.~/-]) (?: ~ | \.{{1,2}} )?+ / [^\s"'<>()\[\]{{}}|,;:=]++   # path
    | (?<!\w) [A-Za-z]:\\ [^\s"'<>|]++                        # path of Windows
    | 0[xX] {_HEX}++
    | (?<!\w) (?= [A-Fa-f]*+ [0-9] ) {_HEX}{{8,}}+ (?!\w)      # digest, id
    | [0-9]++ (?: [.,:/-] [0-9]++ )*+                         # number, date, time, IPv4 address
    """,
    re.VERBOSE | re.ASCII,
)


def masked(text: str) -> str:
    return _VALUES.sub(WILD, text)
