"""Reports with everything that was said of them, as CSV or JSON lines: a page of rows at a time, however many.

Labels are told in the taxonomy of today.
The CSV's columns title, text, category, sub_category and document are those that an import reads.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import Max, QuerySet

from classifier.ml.taxonomy import join_labels
from classifier.models import Prediction
from classifier.services.reading import latest_predictions
from config.cells import safe
from incidents.models import Incident, Label, Path, User
from incidents.models.taxonomy import present_paths
from incidents.services import audit, second_opinions

CSV, JSONL = "csv", "jsonl"
AT_ONCE = 500
COLUMNS = (
    "number", "title", "text", "category", "sub_category", "document", "status", "source", "severity", "filed_at",
    "noticed_at", "money_lost", "currency", "decided_at", "verdict", "labels", "decided_by", "reason",
    "predicted_labels", "probabilities", "confidence", "unsure", "unusual", "model", "predicted_at", "verdicts",
)  # fmt: skip

Row = dict[str, Any]


@dataclass
class Export:
    """Text to be written piece by piece; `rows` counts what was handed out so far."""

    pieces: Iterator[str]
    rows: int = 0

    def __iter__(self) -> Iterator[str]:
        return self.pieces


def export(rows: "QuerySet[Incident]", form: str, *, by: User | None, personal: bool = False) -> Export:
    """The reports that are there now, in the order of filing; `by` gets nothing that the review hides from them.

    Texts are masked unless `personal` is asked for.
    """
    made, pages = Export(iter(())), _pages(rows, by, personal)
    made.pieces = _csv_pieces(pages, made) if form == CSV else _json_pieces(pages, made)
    return made


def record_export(form: str, filters: Mapping[str, str], *, by: User | None, personal: bool = False) -> None:
    """Note in the audit log that rows leave; before they do. Words that were searched for are not noted."""
    told = {name: value for name, value in filters.items() if name != "q" and value}
    searched = bool(filters.get("q"))
    audit.record("incidents.exported", actor=by, format=form, filters=told, searched=searched, personal_data=personal)


def _csv_pieces(pages: Iterator[list[Row]], made: Export) -> Iterator[str]:
    yield _lines([COLUMNS])
    for page in pages:
        yield _lines([_cells(row) for row in page])
        made.rows += len(page)


def _json_pieces(pages: Iterator[list[Row]], made: Export) -> Iterator[str]:
    for page in pages:
        yield b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE, default=str) for row in page).decode()
        made.rows += len(page)


def _pages(rows: "QuerySet[Incident]", by: User | None, personal: bool) -> Iterator[list[Row]]:
    """By number, so that no statement stays open while somebody downloads slowly."""
    paths = Path.objects.with_names().in_bulk()
    hidden = set(second_opinions.reports_held_by(by))
    last, end = 0, Incident.objects.aggregate(last=Max("pk"))["last"] or 0
    chosen = Incident.objects.filter(pk__in=rows.order_by().values("pk"), pk__lte=end)
    found = chosen.select_related("current_text").order_by("pk")
    while page := list(found.filter(pk__gt=last)[:AT_ONCE]):
        ids = [one.pk for one in page]
        if hidden and by:
            page = second_opinions.disguise_all(page, by)
        for one in page:
            one.disclosed = personal
        said, given = latest_predictions(ids), _labels(ids, paths)
        yield [_row(one, said.get(one.pk), [] if one.pk in hidden else given[one.pk], paths) for one in page]
        last = ids[-1]


def _labels(ids: Sequence[int], paths: Mapping[int, Path]) -> "defaultdict[int, list[tuple[Label, list[Path]]]]":
    """The labels of each report that nobody has undone, with their paths of today, the first given first."""
    labels = Label.objects.standing().filter(incident__in=ids).select_related("reviewer").order_by("pk")
    links = Label.paths.through.objects.filter(label__in=labels.order_by().values("pk"))
    chosen = defaultdict(list)
    for number, path in links.values_list("label_id", "path_id"):
        if path in paths:
            chosen[number].append(paths[path])
    today = {number: present_paths(given) for number, given in chosen.items()}
    found: defaultdict[int, list[tuple[Label, list[Path]]]] = defaultdict(list)
    for label in labels:
        found[label.incident_id].append((label, today.get(label.pk, [])))
    return found


def _row(
    incident: Incident,
    said: Prediction | None,
    labels: Sequence[tuple[Label, list[Path]]],
    paths: Mapping[int, Path],
) -> Row:
    stands = next((given for label, given in labels if label.pk == incident.current_label_id), [])
    return {
        "number": incident.pk,
        "title": incident.title,
        "text": incident.text,
        "category": join_labels(name for path in stands for name in path.category_names),
        "sub_category": join_labels(path.sub_category_name for path in stands),
        "document": incident.told(incident.document),
        "status": incident.status,
        "source": incident.source,
        "severity": incident.get_severity_display() if incident.severity else "",
        "filed_at": incident.created_at,
        "noticed_at": incident.noticed_at,
        "money_lost": incident.money_lost,
        "currency": incident.currency if incident.money_lost is not None else "",
        "decided_at": incident.decided_at,
        "labels": [path.key for path in stands],
        "verdicts": [_verdict(label, given, incident, paths) for label, given in labels],
        "prediction": None if incident.hides_prediction or said is None else _prediction(said, paths),
    }


def _verdict(label: Label, given: Iterable[Path], incident: Incident, paths: Mapping[int, Path]) -> Row:
    return {
        "number": label.pk,
        "stands": label.pk == incident.current_label_id,
        "verdict": label.verdict,
        "labels": sorted(path.key for path in given),
        "by": label.reviewer.username if label.reviewer else None,
        "by_number": label.reviewer_id,
        "at": label.created_at,
        "slot": Label.Slot(label.slot).name.lower(),
        "source": label.source,
        "reason": incident.told(label.reason),
        "blind": label.blind,
        "bulk_run": label.bulk_id,
        "model": label.shown_model or None,
        "taxonomy": label.taxonomy_version_id,
        "suggested": _keys(label.suggested or (), paths),
    }


def _prediction(said: Prediction, paths: Mapping[int, Path]) -> Row:
    """With the probability of each decided label, where the version's order of labels is known."""
    assert said.today is not None, "it was read in the taxonomy of today"
    return {
        "model": said.version.name,
        "labels": [
            {"label": paths[pk].key, "probability": round(said.today.chance([pk]), 4)}
            for pk in said.path_ids
            if pk in paths and pk in said.today.order
        ],
        "confidence": said.confidence,
        "unsure": said.unsure,
        "unusual": said.anomaly,
        "at": said.created_at,
    }


def _keys(path_ids: Iterable[int], paths: Mapping[int, Path]) -> list[str]:
    return [path.key for path in present_paths(paths[pk] for pk in path_ids if pk in paths)]


def _cells(row: Row) -> list[Any]:
    """A row of COLUMNS: what stands in columns of its own, all verdicts as JSON in the last."""
    stands: Row = next((one for one in row["verdicts"] if one["stands"]), {})
    said = row["prediction"] or {"labels": []}
    flat = row | {
        "verdict": stands.get("verdict"),
        "labels": "; ".join(row["labels"]),
        "decided_by": stands.get("by"),
        "reason": stands.get("reason"),
        "predicted_labels": "; ".join(one["label"] for one in said["labels"]),
        "probabilities": "; ".join(str(one["probability"]) for one in said["labels"]),
        "model": said.get("model"),
        "predicted_at": said.get("at"),
        "verdicts": orjson.dumps(row["verdicts"]).decode() if row["verdicts"] else "",
        **{name: said.get(name) for name in ("confidence", "unsure", "unusual")},
    }
    return [flat[name] for name in COLUMNS]


def _lines(rows: Iterable[Iterable[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else safe(value)
