"""One field of a selection ("CommandLine|contains|all": [...]) as a test of an event."""

import ipaddress
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from events.stream.sigma_errors import InvalidRule, UnsupportedRule
from events.stream.sigma_fields import names_of
from events.stream.sigma_patterns import Matcher, Part, Wild, glob, literal_of, parts_of, regex, text_of
from events.stream.sigma_predicates import Fields, Predicate, every, some

AFFIXES = {"contains", "startswith", "endswith"}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge,
}  # fmt: skip
WAYS = {*AFFIXES, *COMPARISONS, "re", "cidr", "exists"}
REGEX_FLAGS = {"i": "i", "ignorecase": "i", "m": "m", "multiline": "m", "s": "s", "dotall": "s"}


def field_test(key: str, value: Any) -> Predicate:
    """Raises InvalidRule or UnsupportedRule, naming the key."""
    field, *modifiers = key.split("|")
    if not field:
        raise UnsupportedRule(
            f"“{key}” has no field, so it would look for its words anywhere. Name the field: message{key}."
        )
    values = value if isinstance(value, list) else [value]
    if not values:
        raise InvalidRule(f"“{key}” has no values. Write at least one.")
    if odd := next((one for one in values if isinstance(one, dict | list)), None):
        raise InvalidRule(
            f"“{key}” has a {'mapping' if isinstance(odd, dict) else 'list'} among its values. Use texts."
        )
    return _Field(key, names_of(field), modifiers).test(values)


class _Field:
    def __init__(self, key: str, names: tuple[str, ...], modifiers: Sequence[str]) -> None:
        self.key, self.names = key, names
        self.way = next((one for one in modifiers if one in WAYS), "")
        self.together, self.cased = "all" in modifiers, "cased" in modifiers
        self.flags = "".join(sorted({REGEX_FLAGS[one] for one in modifiers if one in REGEX_FLAGS}))
        self._check(modifiers)

    def _check(self, modifiers: Sequence[str]) -> None:
        for one in modifiers:
            if one not in WAYS | {"all", "cased"} | REGEX_FLAGS.keys():
                raise UnsupportedRule(
                    f"“{self.key}”: the modifier “{one}” is not supported. These are: all, cased, "
                    f"{', '.join(sorted(WAYS))}, and i, m, s behind re."
                )
        fits_case = self.way in AFFIXES or not self.way
        alone = self.way in COMPARISONS or self.way == "exists"
        if (
            len(set(modifiers)) < len(modifiers)
            or len(WAYS.intersection(modifiers)) > 1
            or (self.flags and self.way != "re")
            or (self.cased and not fits_case)
            or (self.together and alone)
        ):
            raise InvalidRule(f"“{self.key}”: these modifiers contradict each other. Keep one way to compare.")

    def test(self, values: Sequence[Any]) -> Predicate:
        if self.way == "exists":
            return self._exists(values)
        if self.together:
            return every([self._any([one]) for one in values])
        return self._any(values)

    def _any(self, values: Sequence[Any]) -> Predicate:
        """Holds where one of the values fits."""
        given = [one for one in values if one is not None]
        absent = [] if len(given) == len(values) else [self._absent()]
        if self.way in COMPARISONS:
            compare = COMPARISONS[self.way]
            return some([self._number(compare, self._limit(one)) for one in values])
        if self.way == "cidr":
            return some([self._network(one) for one in values])
        if absent and self.way:
            raise InvalidRule(f"“{self.key}” cannot be compared with null. Use “{self.key.split('|')[0]}: null”.")
        return some([*absent, *([self._text(given)] if given else [])])

    def _exists(self, values: Sequence[Any]) -> Predicate:
        if len(values) != 1 or not isinstance(values[0], bool):
            raise InvalidRule(f"“{self.key}” has to be true or false.")
        names, wanted = self.names, values[0]
        return Predicate(lambda fields: any(name in fields for name in names) is wanted)

    def _absent(self) -> Predicate:
        names = self.names
        return Predicate(lambda fields: all(fields.get(name) is None for name in names))

    def _text(self, values: Sequence[Any]) -> Predicate:
        """Any of the patterns. Those without wildcards are one look-up in a set, and anchor the rule."""
        if self.way == "re":
            found = [regex(self._string(one), self.flags) for one in values]
            return Predicate(_on_each(self.names, self._fits(frozenset(), found)))
        patterns = [self._parts(one) for one in values]
        literals = [literal for parts in patterns if (literal := literal_of(parts)) is not None]
        wild = [glob(parts, cased=self.cased) for parts in patterns if literal_of(parts) is None]
        folded = frozenset(one.casefold() for one in literals)
        check = _on_each(self.names, self._fits(frozenset(literals) if self.cased else folded, wild))
        return Predicate(check) if wild else Predicate(check, dict.fromkeys(self.names, folded), not self.cased)

    def _fits(self, texts: frozenset[str], patterns: Sequence[Matcher]) -> Callable[[Any], bool]:
        as_it_is = self.cased or self.way == "re"

        def fits(value: Any) -> bool:
            text = value if isinstance(value, str) else text_of(value)
            if text is None:
                return False
            if not as_it_is:
                text = text.casefold()
            if texts and text in texts:
                return True
            for one in patterns:  # noqa: SIM110 (any() over a generator costs four times as much)
                if one(text):
                    return True
            return False

        return fits

    def _parts(self, value: Any) -> list[Part]:
        parts = parts_of(self._string(value))
        if self.way in {"contains", "endswith"}:
            parts = [Wild.ANY, *parts]
        if self.way in {"contains", "startswith"}:
            parts = [*parts, Wild.ANY]
        tidy = [
            one for at, one in enumerate(parts) if one != "" and not (one is Wild.ANY and parts[at - 1 : at] == [one])
        ]
        return tidy or [""]

    def _string(self, value: Any) -> str:
        if self.way == "re" and not isinstance(value, str):
            raise InvalidRule(f"“{self.key}” needs regular expressions as texts. Put {value!r} in quotes.")
        text = text_of(value)
        assert text is not None  # null, lists and mappings were sorted out
        return text

    def _limit(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidRule(f"“{self.key}” compares with a number. Write one, without quotes.")
        return float(value)

    def _number(self, compare: Callable[[float, float], bool], limit: float) -> Predicate:
        def fits(value: Any) -> bool:
            number = _number_of(value)
            return number is not None and compare(number, limit)

        return Predicate(_on_each(self.names, fits))

    def _network(self, value: Any) -> Predicate:
        try:
            network = ipaddress.ip_network(value)
        except ValueError as error:
            raise InvalidRule(
                f"“{self.key}”: {str(value)[:60]} is no network. Write one such as 10.0.0.0/8."
            ) from error

        def fits(value: Any) -> bool:
            address = _address_of(value)
            return address is not None and address in network

        return Predicate(_on_each(self.names, fits))


def _on_each(names: Sequence[str], fits: Callable[[Any], bool]) -> Callable[[Fields], bool]:
    """A test of a field's value, or of each where an event holds a list."""

    def holds(fields: Fields, name: str) -> bool:
        value = fields.get(name)
        if value is None:
            return False
        return any(fits(one) for one in value if one is not None) if isinstance(value, list) else fits(value)

    if len(names) == 1:
        (name,) = names
        return lambda fields: holds(fields, name)
    return lambda fields: any(holds(fields, name) for name in names)


def _number_of(value: Any) -> float | None:
    """Numbers as they are, texts where they are one; None for the rest. NaN compares false with everything."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) or isinstance(value, float) else None


def _address_of(value: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """IPv4 inside IPv6 (::ffff:10.0.0.1) counts as IPv4, so that nobody leaves a network by spelling."""
    try:
        address = ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
