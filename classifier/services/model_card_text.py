"""A model card as Markdown, for wherever a file is wanted."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from classifier.services.model_card import Card, ClassFigures, Data, Figured, Level

_ESCAPED = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]<>#|"})


def markdown(card: Card) -> str:
    """Labels and reasons are words of people: nothing in them is read as Markdown."""
    return "\n".join(line for part in _parts(card) for line in part).rstrip() + "\n"


def _parts(card: Card) -> Iterator[Sequence[str]]:
    yield (f"# {_plain(card.name)}", "")
    yield [
        *_facts(
            (_("Line"), card.line),
            (_("Stage"), card.stage),
            (_("Made"), card.made),
            (_("Base model"), card.base_model),
            (_("Licence of the base"), card.licence),
            (_("Parts"), card.parts),
            (_("Options"), ", ".join(f"{key} = {value}" for key, value in sorted(card.options.items())) or "–"),
        ),
        "",
    ]
    if card.data:
        yield _data(card.data)
    yield (f"## {_('How good it is')}", "", *_summary(card), "")
    for level in card.levels:
        yield _level(level)
    yield (f"## {_('Limits')}", "", *(f"- {_plain(limit)}" for limit in card.limits), "")
    yield (f"## {_('Hashes')}", "", *(f"- {name}: `{value}`" for name, value in card.hashes.items()), "")
    if card.moves:
        moves = [f"- {move.at}: {move.action} {_plain(move.by)} {_plain(move.reason)}".rstrip() for move in card.moves]
        yield (f"## {_('In charge')}", "", *moves, "")


def _data(data: Data) -> Sequence[str]:
    counts = ", ".join(f"{split} {number:,}" for split, number in data.counts.items())
    sources = ", ".join(f"{source} {number:,}" for source, number in sorted(data.sources.items()))
    return [
        f"## {_('Data')}",
        "",
        *_facts((_("Reports"), counts), (_("Sources"), sources)),
        *(_facts((_("Decided"), f"{data.decided_from} – {data.decided_to}")) if data.decided_from else []),
        *(f"- {_plain(sentence)}" for sentence in data.left_out),
        "",
    ]


def _summary(card: Card) -> list[str]:
    if not card.levels:
        return [_("It was not measured.")]
    told = [f"- {level.title}: {_figured(level.accuracy)}, macro-F1 {level.macro_f1:.3f}" for level in card.levels]
    told += [f"- {_('Test reports')}: {card.test_reports:,}"]
    if card.calibration_error is not None:
        told += [f"- {_('Calibration error')}: {card.calibration_error:.3f}"]
    if card.coverage is not None and card.coverage_promised is not None:
        told += [f"- {_('Possible labels: promised and kept')}: {card.coverage_promised:.1%}, {card.coverage:.1%}"]
    return told


def _level(level: Level) -> Sequence[str]:
    heads = (_("Class"), _("Precision"), _("Recall"), "F1", _("Test reports"), _("Training reports"))
    return [
        f"### {level.title}",
        "",
        f"| {' | '.join(heads)} |",
        "|---|---|---|---|---|---|",
        *(f"| {' | '.join(_row(row))} |" for row in level.classes),
        "",
    ]


def _row(row: ClassFigures) -> tuple[str, ...]:
    figures = (_figured(row.precision), _figured(row.recall), _figured(row.f1))
    return (_plain(row.label), *figures, f"{row.support:,}", f"{row.training:,}")


def _facts(*pairs: tuple[str, str]) -> list[str]:
    return [f"- {name}: {_plain(value)}" for name, value in pairs]


def _figured(figure: Figured) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


def _plain(text: str) -> str:
    return " ".join(text.split()).translate(_ESCAPED)
