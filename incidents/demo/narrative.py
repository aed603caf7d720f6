"""The shape of a report: which sentences tell the incident, in which order, and how long it gets."""

from incidents.demo.phrasebook import FamilyPatterns, NarrativePatterns, PathPatterns, Phrasebook
from incidents.demo.writer import Writer

VAGUE_WITH_DETAIL = 0.5  # of the vague writers, this share gives one sentence that belongs to the path
VAGUE_TITLE = 0.33  # even where the text is plain
DISTRACTOR = 0.4  # a neighbour is named, as a guess or a memory
LENGTHS = ((12, 30), (30, 60), (60, 120), (120, 300), (300, 560))  # words
LENGTH_SHARES = (0.30, 0.34, 0.22, 0.125, 0.015)
SHORTEST_FILLER = 6  # words
TOLD_LATE = 0.3  # what happened stands in the middle
BARE = 25  # words; shorter ones have neither greeting nor plea


def short_report(writer: Writer, book: Phrasebook, path: PathPatterns) -> str:
    """One line."""
    return writer.pick(book.families[path.family].generic if writer.vague else path.short)


def hinglish_report(writer: Writer, book: Phrasebook, path: PathPatterns) -> str:
    """A few sentences in romanised Hindi."""
    core = writer.pick(book.families[path.family].hinglish if writer.vague else path.hinglish)
    around = book.sensitive_hinglish if path.sensitive else book.hinglish
    return " ".join(_framed(writer, around, [core, *writer.several(around.background, writer.rng.randint(1, 4))]))


def prose_report(writer: Writer, book: Phrasebook, path: PathPatterns) -> str:
    """A told incident, between a dozen and some 560 words."""
    told = _vaguely(writer, book.families[path.family], path) if writer.vague else _plainly(writer, path)
    return _drawn_out(writer, _around(book, path), told, _asides(writer, book, path))


def double_report(writer: Writer, book: Phrasebook, first: PathPatterns, second: PathPatterns) -> str:
    """Two incidents, each told plainly."""
    told = [*_plainly(writer, first), writer.pick(book.joiners), *_plainly(writer, second)]
    return _drawn_out(writer, _around(book, first, second), told, [])


def title(writer: Writer, book: Phrasebook, path: PathPatterns) -> str:
    """A short heading."""
    vague = writer.vague or writer.rng.random() < VAGUE_TITLE
    return writer.pick(book.families[path.family].titles if vague else path.titles)


def _around(book: Phrasebook, *paths: PathPatterns) -> NarrativePatterns:
    return book.sensitive if any(path.sensitive for path in paths) else book.english


def _plainly(writer: Writer, path: PathPatterns) -> list[str]:
    return [writer.pick(path.situations), *writer.several(path.details, writer.rng.choice((0, 1, 1, 2, 3)))]


def _vaguely(writer: Writer, family: FamilyPatterns, path: PathPatterns) -> list[str]:
    detailed = writer.rng.random() < VAGUE_WITH_DETAIL
    return [*writer.several(family.vague, 2), *writer.several(path.details, int(detailed))]


def _asides(writer: Writer, book: Phrasebook, path: PathPatterns) -> list[str]:
    """What leads a reader astray: a neighbouring path is named."""
    if path.sensitive or writer.rng.random() >= DISTRACTOR:
        return []
    neighbour = book.by_name[writer.rng.choice(path.neighbours)]
    return [writer.say(writer.rng.choice(book.distractors), gist=neighbour.gist)]


def _drawn_out(writer: Writer, around: NarrativePatterns, told: list[str], asides: list[str]) -> str:
    """Add what people add, until the length this writer writes is reached."""
    words = writer.rng.randint(*writer.rng.choices(LENGTHS, LENGTH_SHARES)[0])
    fillers = writer.several(around.background, words // SHORTEST_FILLER)
    added = _up_to(words - _length(told), asides + fillers)
    if writer.rng.random() < TOLD_LATE:
        writer.rng.shuffle(added)
        middle = len(added) // 2
        sentences = [*added[:middle], *told, *added[middle:]]
    else:
        sentences = [*told, *added]
    return " ".join(_framed(writer, around, sentences) if words > BARE else sentences)


def _up_to(words: int, sentences: list[str]) -> list[str]:
    """The first sentences that together reach `words` words."""
    taken: list[str] = []
    for sentence in sentences:
        if _length(taken) >= words:
            break
        taken.append(sentence)
    return taken


def _length(sentences: list[str]) -> int:
    return sum(len(sentence.split()) for sentence in sentences)


def _framed(writer: Writer, narrative: NarrativePatterns, sentences: list[str]) -> list[str]:
    openings = writer.several(narrative.openings, writer.rng.choice((0, 1, 1, 2)))
    return [*openings, *sentences, *writer.several(narrative.pleas, writer.rng.choice((0, 1, 1)))]
