"""Erasing what a report says, place by place; and the tombstone that is left of it.

A tombstone keeps number, times, source, severity, side of the split and the category that stood, so that counts of the
past stay right. Its decisions stay without their words: who decided what, and when, is what agreement is counted from.
"""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone

from classifier.models import Doubt, Embedding, Explanation
from incidents.models import (
    AlikeAnswer,
    Attachment,
    BulkItem,
    Comment,
    Erasure,
    Incident,
    Label,
    Notice,
    Observable,
    PassingReason,
    ReporterMessage,
    SearchDocument,
    SecondOpinion,
    TextBand,
    TextRevision,
    Theme,
    Watch,
)
from incidents.models.incident import IncidentQuerySet, new_receipt_token
from incidents.services.decisions import UNHELD

Ids = Sequence[int]
UNSETTLED = (SecondOpinion.State.WAITING, SecondOpinion.State.HELD, SecondOpinion.State.DISPUTED)
# What takes a report out of all lists at once; its words go later, piece by piece.
UNFINDABLE = {
    "status": Incident.Status.ERASED,
    "current_text": None,
    "current_label": None,
    "merged_into": None,
    "assignee": None,
    "reporter": None,
    "wakes_at": None,
    "awaits_answer": False,
    **UNHELD,
}
EMPTY = {
    "idempotency_key": None,
    "filed_fingerprint": "",
    "import_batch": None,
    "noticed_at": None,
    "money_lost": None,
    "contact": "",
    "consent": False,
    "document": "",
    "twins": "",
}


def bury(incidents: IncidentQuerySet, erasure: Erasure) -> int:
    """Make tombstones of reports in the caller's transaction: from its end on nobody finds them any more."""
    ids = list(incidents.order_by("pk").values_list("pk", flat=True))
    SearchDocument.objects.filter(incident__in=ids).delete()
    SecondOpinion.objects.filter(incident__in=ids, state__in=UNSETTLED).delete()
    return Incident.objects.filter(pk__in=ids).update(erasure=erasure, **UNFINDABLE)


def erase_fields(ids: Ids) -> int:
    """The columns of the reports themselves. A new receipt address: the one that was sent out opens nothing."""
    waiting = list(Incident.objects.filter(pk__in=ids, erased_at=None))
    for one in waiting:
        one.receipt_token, one.split_group, one.erased_at = new_receipt_token(), f"erased:{one.pk}", timezone.now()
        for name, value in EMPTY.items():
            setattr(one, name, value)
    Incident.objects.bulk_update(waiting, ["receipt_token", "split_group", "erased_at", *EMPTY])
    return len(waiting)


def erase_texts(ids: Ids) -> int:
    """The rows stay, for decisions and predictions point at them."""
    held = TextRevision.objects.filter(incident__in=ids).exclude(title="", text="", text_hash="")
    return held.update(title="", text="", text_hash="", looked_through_at=None)


def erase_attachments(ids: Ids) -> int:
    held = Attachment.objects.filter(incident__in=ids)
    for attachment in held:
        attachment.file.delete(save=False)
    return _gone(held)


def erase_search_words(ids: Ids) -> int:
    return _gone(SearchDocument.objects.filter(incident__in=ids))


def erase_comments(ids: Ids) -> int:
    return _gone(Comment.objects.filter(incident__in=ids))


def erase_messages(ids: Ids) -> int:
    return _gone(ReporterMessage.objects.filter(incident__in=ids))


def erase_observables(ids: Ids) -> int:
    return _gone(Observable.objects.filter(incident__in=ids))


def erase_sketches(ids: Ids) -> int:
    return _gone(TextBand.objects.filter(incident__in=ids))


def erase_vectors(ids: Ids) -> int:
    return _gone(Embedding.objects.filter(incident__in=ids))


def erase_explanations(ids: Ids) -> int:
    """Places in the text and what each adds: they tell how long its words were."""
    return _gone(Explanation.objects.filter(prediction__incident__in=ids))


def erase_reasons(ids: Ids) -> int:
    """What people wrote beside a decision, or when they passed the report on."""
    written = Label.objects.filter(incident__in=ids).exclude(reason="").update(reason="")
    return written + _gone(PassingReason.objects.filter(incident__in=ids))


def erase_pointers(ids: Ids) -> int:
    """Rows that send somebody to the report, or set it beside others."""
    pointing: tuple[QuerySet, ...] = (  # type: ignore[type-arg]  # of several models
        Notice.objects.filter(incident__in=ids),
        Watch.objects.filter(incident__in=ids),
        AlikeAnswer.objects.filter(incident__in=ids),
        AlikeAnswer.objects.filter(other__in=ids),
        BulkItem.objects.filter(incident__in=ids, done=False),
        Theme.incidents.through.objects.filter(incident__in=ids),
        Doubt.objects.filter(incident__in=ids, state=Doubt.State.OPEN),
    )
    return sum(_gone(rows) for rows in pointing)


def _gone(rows: "QuerySet") -> int:  # type: ignore[type-arg]
    return int(rows.delete()[1].get(rows.model._meta.label, 0))
