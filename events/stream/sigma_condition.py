"""A rule's condition: and, or, not, parentheses, "1 of x*", "all of them"."""

import re
from collections.abc import Callable, Mapping, Sequence

from events.stream.sigma_errors import InvalidRule, UnsupportedRule
from events.stream.sigma_patterns import glob, parts_of
from events.stream.sigma_predicates import Predicate, every, opposite, some

DEEPEST = 50
MOST_WORDS = 2000
WORD = re.compile(r"\(|\)|\||[^\s()|]+")


def condition_test(text: str, selections: Mapping[str, Predicate]) -> Predicate:
    """Raises InvalidRule or UnsupportedRule."""
    words = WORD.findall(text)
    if "|" in words:
        raise UnsupportedRule(
            "Counting over several events (“| count() by ...”) is not supported: a rule looks at one event. "
            "Leave the part behind “|” away; the source's “k of n” counts instead."
        )
    if "near" in (word.lower() for word in words):
        raise UnsupportedRule("“near” is not supported: a rule looks at one event. Write one rule for each of them.")
    if len(words) > MOST_WORDS:
        raise InvalidRule(f"The condition has more than {MOST_WORDS} words. Divide the rule.")
    return _Parser(words, selections).parse()


class _Parser:
    def __init__(self, words: Sequence[str], selections: Mapping[str, Predicate]) -> None:
        self.words, self.selections = words, selections
        self.at = self.depth = 0

    def parse(self) -> Predicate:
        test = self._joined("or", some, lambda: self._joined("and", every, self._negated))
        if self.at < len(self.words):
            raise InvalidRule(
                f"The condition cannot be read from “{self._next()[:80]}” on. Join parts by and, or, not."
            )
        return test

    def _joined(
        self, word: str, join: Callable[[Sequence[Predicate]], Predicate], part: Callable[[], Predicate]
    ) -> Predicate:
        tests = [part()]
        while self._next().lower() == word:
            self.at += 1
            tests.append(part())
        return join(tests)

    def _negated(self) -> Predicate:
        negations = 0
        while self._next().lower() == "not":
            self.at += 1
            negations += 1
        test = self._primary()
        return opposite(test) if negations % 2 else test

    def _primary(self) -> Predicate:
        word = self._next()
        self.at += 1
        if word == "(":
            return self._parenthesis()
        if self._next().lower() == "of":
            return self._of(word)
        if word in self.selections:
            return self.selections[word]
        if word in {"", ")"} or word.lower() in {"and", "or", "of"}:
            raise InvalidRule(
                "The condition is not complete: a selection's name is missing. Write it where it belongs."
            )
        raise InvalidRule(
            f"The condition names “{word[:80]}”, but there is no such selection. Add it, or correct the name."
        )

    def _parenthesis(self) -> Predicate:
        self.depth += 1
        if self.depth > DEEPEST:
            raise InvalidRule(f"The condition has more than {DEEPEST} parentheses inside each other. Simplify it.")
        test = self._joined("or", some, lambda: self._joined("and", every, self._negated))
        if self._next() != ")":
            raise InvalidRule("The condition opens a parenthesis that it does not close. Add “)”.")
        self.at, self.depth = self.at + 1, self.depth - 1
        return test

    def _of(self, amount: str) -> Predicate:
        self.at += 1
        pattern = self._next()
        self.at += 1
        if amount.lower() not in {"1", "any", "all"}:
            raise UnsupportedRule(f"“{amount[:20]} of ...” is not supported. Use “1 of ...” or “all of ...”.")
        tests = self._named(pattern)
        return every(tests) if amount.lower() == "all" else some(tests)

    def _named(self, pattern: str) -> list[Predicate]:
        """Names that begin with _ are none of "them"."""
        whole = "*" if pattern.lower() == "them" else pattern
        fits = glob(parts_of(whole), cased=True)
        hidden = whole.startswith("_")
        tests = [test for name, test in self.selections.items() if fits(name) and (hidden or not name.startswith("_"))]
        if not pattern or not tests:
            raise InvalidRule(
                f"The condition asks for selections like “{pattern[:80]}”, but there is none. Correct the name."
            )
        return tests

    def _next(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""
