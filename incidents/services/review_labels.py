"""The labels of the review page: categories first, under each its sub-categories."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from classifier.models import Prediction
from classifier.services.reading import RankedPath, ranked_categories, ranked_paths
from incidents.models import Category, Path
from incidents.shortcuts import DIGITS


@dataclass(frozen=True)
class LabelChoice:
    """One label that can be ticked; `probability` is None where nothing is shown of the model's opinion."""

    path: Path
    probability: float | None
    suggested: bool
    chosen: bool
    touched: bool  # a person has decided on it: what the model thinks of it is not said any more
    key: str  # the number that takes or leaves it while it is listed; empty after the tenth


@dataclass(frozen=True)
class CategoryChoice:
    """A category with the labels that are ticked under it; a label stands in one place only, however many it has.

    `elsewhere` are the labels of this category that stand under another one of theirs, with their keys.
    """

    category: Category
    probability: float | None
    choices: Sequence[LabelChoice]
    elsewhere: Sequence[tuple[Path, str]]
    sure: bool  # the model is sure of the category, and of no label in it
    key: str
    split: bool = False  # a label in it that stands on the report was split: its parts are to be seen

    @property
    def alone(self) -> LabelChoice | None:
        """Its only label, where that is the category itself: ticked without opening anything."""
        only = len(self.choices) == 1 and not self.elsewhere and self.choices[0].path.sub_category is None
        return self.choices[0] if only else None

    @property
    def open(self) -> bool:
        return self.sure or self.split or any(choice.chosen for choice in self.choices)

    @property
    def suggested(self) -> bool:
        return any(choice.suggested for choice in self.choices)


@dataclass(frozen=True)
class Marks:
    """Numbers of labels: what the model suggests, what is ticked, what a person has decided on."""

    suggested: set[int]
    chosen: set[int]
    touched: set[int]

    def choice(self, path: Path, chance: float | None, key: str) -> LabelChoice:
        pk = path.pk
        return LabelChoice(path, chance, pk in self.suggested, pk in self.chosen, pk in self.touched, key)


def label_tree(
    paths: Mapping[int, Path],
    prediction: Prediction | None,
    chosen: set[int] | None,
    divided: Sequence[Path] = (),
) -> list[CategoryChoice]:
    """Every category that has live labels, the most probable first; by name without a prediction.

    `paths` are all there are, live or not; `chosen` those ticked so far, None for what the model suggests at first: of
    a prediction that is sure of the category only, nothing but its category. `divided`: labels that stand on the
    report and were split, whose parts are shown at once.
    """
    ranked = _ranked(prediction, paths)
    decided = {one.path.pk for one in ranked if one.decided}
    sure = backed_off(prediction, paths)
    touched = decided ^ chosen if chosen is not None else set()
    if chosen is None:
        chosen = set() if sure else decided
    live = {pk: path for pk, path in paths.items() if path.state == Path.State.LIVE}
    rows: list[tuple[Path, float | None]] = [(one.path, one.probability) for one in ranked if one.path.pk in live]
    known = {path.pk for path, _ in rows}
    rows += [(path, None) for path in sorted(live.values(), key=str) if path.pk not in known]
    chances = {one.name: one.probability for one in ranked_categories(ranked)}
    split = {_home(path, chances) for path in divided}
    return _tree(rows, chances, Marks(decided, chosen, touched), sure, split)


def backed_off(prediction: Prediction | None, paths: Mapping[int, Path]) -> Category | None:
    """The category that the prediction stops at: it is sure of it, and of none of its labels; or its label was split
    since, and no model can tell the parts apart yet.
    """
    if prediction is None:
        return None
    decided = [paths[pk] for pk in prediction.path_ids if pk in paths]
    if not prediction.only_category and not any(path.is_divided for path in decided):
        return None
    first = next(iter(decided), None)
    ranked = ranked_categories(_ranked(prediction, paths))
    return _home(first, {one.name: one.probability for one in ranked}) if first else None


def _ranked(prediction: Prediction | None, paths: Mapping[int, Path]) -> list[RankedPath]:
    return ranked_paths(prediction, paths) if prediction else []


def _home(path: Path, chances: Mapping[str, float]) -> Category:
    """Under which of its categories a label stands: the most probable one, among equals the first by name."""
    return min(path.categories.all(), key=lambda category: (-chances.get(category.name, 0.0), category.name))


def _tree(
    rows: Iterable[tuple[Path, float | None]],
    chances: Mapping[str, float],
    marks: Marks,
    sure: Category | None,
    split: Collection[Category],
) -> list[CategoryChoice]:
    here: dict[Category, list[tuple[Path, float | None]]] = {}
    elsewhere: dict[Category, list[Path]] = {}
    for path, probability in rows:
        home = _home(path, chances)
        here.setdefault(home, []).append((path, probability))
        for category in path.categories.all():
            if category != home:
                elsewhere.setdefault(category, []).append(path)
    categories = sorted({*here, *elsewhere}, key=lambda one: (-chances.get(one.name, 0.0), one.name))
    tree = []
    for place, category in enumerate(categories):
        own, others = here.get(category, []), elsewhere.get(category, [])
        tree.append(
            CategoryChoice(
                category=category,
                probability=chances.get(category.name),
                choices=[marks.choice(path, chance, _key(number)) for number, (path, chance) in enumerate(own)],
                elsewhere=[(path, _key(number)) for number, path in enumerate(others, start=len(own))],
                sure=category == sure,
                key=_key(place),
                split=category in split,
            )
        )
    return tree


def _key(place: int) -> str:
    return DIGITS[place : place + 1]
