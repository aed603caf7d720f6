"""All standing labels in one order, with what the model core reads of them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from classifier.ml.results import Example
from classifier.services.selection import LABELLED
from incidents.models import Incident, Label, Path
from incidents.texts import training_text


@dataclass(frozen=True)
class Labelled:
    """The rows of labels and their reports, one for each example; paths are numbered by their place in `path_ids`."""

    labels: list[int]
    incidents: list[int]
    path_ids: list[int]
    examples: list[Example]


def read_labelled(most: int) -> Labelled:
    """The newest `most` of them."""
    standing = Incident.objects.filter(current_label__verdict__in=LABELLED).order_by("-current_label")[:most]
    columns = ("pk", "current_label", "current_label__text_revision__title", "current_label__text_revision__text")
    rows = list(standing.values_list(*columns, "split_group"))
    paths_of: dict[int, list[int]] = defaultdict(list)
    through = Label.paths.through.objects.filter(label__current_of__isnull=False, label__verdict__in=LABELLED)
    for label, path in through.values_list("label_id", "path_id").iterator():
        paths_of[label].append(path)
    paths_of = _told_apart(paths_of)
    rows = [row for row in rows if row[1] in paths_of]
    path_ids = sorted({path for row in rows for path in paths_of[row[1]]})
    place = {path: number for number, path in enumerate(path_ids)}
    examples = [
        Example(training_text(title, text), tuple(sorted(place[path] for path in paths_of[label])), group)
        for _, label, title, text, group in rows
    ]
    return Labelled([row[1] for row in rows], [row[0] for row in rows], path_ids, examples)


def _told_apart(paths_of: Mapping[int, list[int]]) -> dict[int, list[int]]:
    """Each label in the taxonomy of today, without those that it has no word for, or none that is told apart yet."""
    reading = Path.objects.reading()
    today = {label: reading.ids(paths) for label, paths in paths_of.items()}
    return {label: paths for label, paths in today.items() if paths and not reading.divided.intersection(paths)}
