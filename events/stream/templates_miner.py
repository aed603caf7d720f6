"""Finds which words of masked messages vary: Drain (He, Zhu, Zheng and Lyu 2017) with two changes.

A place is a variable when it has had more than `MOST_VALUES` words, not from the second on: "session opened" and
"session closed" stay two templates, users and hosts become one. And all is bounded, whatever the messages.
"""

from collections.abc import Sequence

from events.stream.templates_mask import WILD

MOST_TOKENS = 40  # the rest of a message is one variable
MOST_LETTERS = 100  # of a token
MOST_VALUES = 3
MOST_FIRST_WORDS = 100  # per length; beyond, the first word is a place like any other
MOST_IN_GROUP = 32  # clusters of one length and first word: what a search looks through
SIMILAR = 0.6  # of the places that are no variables; the paper's 0.4 joins what only begins alike
SHARED = 0.5  # of all places: else a few messages of noise would make a template that fits everything

GroupKey = tuple[int, str]


class Cluster:
    """Messages of one length: per place the words seen there, or None where it is a variable."""

    __slots__ = ("group", "places", "used", "variables")

    def __init__(self, group: GroupKey, tokens: Sequence[str]) -> None:
        self.group = group
        self.places: list[set[str] | None] = [None if token == WILD else {token} for token in tokens]
        self.variables = self.places.count(None)
        self.used = False

    def text(self, tokens: Sequence[str]) -> str:
        """The template of a message that belongs here."""
        return " ".join([WILD if place is None else token for place, token in zip(self.places, tokens, strict=True)])

    def shared(self, tokens: Sequence[str]) -> int:
        """In how many places the message agrees, or -1 where it does not belong here."""
        size = len(tokens)
        agreeing = foreign = covered = 0
        for place, token in zip(self.places, tokens, strict=True):
            if place is None:
                if token == WILD:
                    agreeing += 1
                else:
                    covered += 1
            elif token in place:
                agreeing += 1
            else:
                foreign += 1
                if foreign > (1 - SIMILAR) * size:
                    return -1
        similar = agreeing >= SIMILAR * (agreeing + foreign)
        return agreeing if similar and agreeing >= SHARED * size else -1

    def take(self, tokens: Sequence[str]) -> None:
        for number, token in enumerate(tokens):
            place = self.places[number]
            if place is not None and token not in place:
                place.add(token)
                if token == WILD or len(place) > MOST_VALUES:
                    self.places[number] = None
                    self.variables += 1


class Miner:
    """At most `most_clusters` clusters; those not used for longest make room."""

    def __init__(self, most_clusters: int) -> None:
        self._most = most_clusters
        self._groups: dict[GroupKey, list[Cluster]] = {}
        self._first_words: dict[int, int] = {}  # how many groups of a length are of one first word
        self._clusters: dict[Cluster, None] = {}  # in the order of their last chance

    def __len__(self) -> int:
        return len(self._clusters)

    def cluster(self, tokens: Sequence[str]) -> Cluster:
        """Where a message belongs, after it has been taken in there."""
        key = self._key(tokens)
        group = self._groups.get(key, ())
        best, most = None, -1
        for cluster in group:
            if (shared := cluster.shared(tokens)) > most:
                best, most = cluster, shared
        if best is None:
            return self._new(key, tokens)
        best.take(tokens)
        best.used = True
        return best

    def _key(self, tokens: Sequence[str]) -> GroupKey:
        size = len(tokens)
        first = tokens[0] if tokens else ""
        crowded = self._first_words.get(size, 0) >= MOST_FIRST_WORDS and (size, first) not in self._groups
        return (size, WILD if crowded or WILD in first else first)

    def _new(self, key: GroupKey, tokens: Sequence[str]) -> Cluster:
        if len(self._groups.get(key, ())) >= MOST_IN_GROUP:
            self._drop(_unused(self._groups[key]))
        elif len(self._clusters) >= self._most:
            self._drop(self._last_chance())
        if key not in self._groups:
            self._groups[key] = []
            self._first_words[key[0]] = self._first_words.get(key[0], 0) + 1
        cluster = Cluster(key, tokens)
        self._groups[key].append(cluster)
        self._clusters[cluster] = None
        return cluster

    def _last_chance(self) -> Cluster:
        """The first that was not used since it was last here; those before it go to the end."""
        while (cluster := next(iter(self._clusters))).used:
            cluster.used = False
            del self._clusters[cluster]
            self._clusters[cluster] = None
        return cluster

    def _drop(self, cluster: Cluster) -> None:
        del self._clusters[cluster]
        group = self._groups[cluster.group]
        group.remove(cluster)
        if not group:
            del self._groups[cluster.group]
            self._first_words[cluster.group[0]] -= 1


def _unused(group: list[Cluster]) -> Cluster:
    for cluster in group:
        if not cluster.used:
            return cluster
        cluster.used = False
    return group[0]


def tokens_of(masked: str) -> list[str]:
    tokens = masked.split(None, MOST_TOKENS)
    if len(tokens) > MOST_TOKENS:
        tokens[MOST_TOKENS] = WILD
    return [token[:MOST_LETTERS] for token in tokens] if len(masked) > MOST_LETTERS else tokens
