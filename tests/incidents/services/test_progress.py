"""The day's work."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Incident, Label, Retraction
from incidents.services.progress import Progress, progress
from tests.builders import make_incident, make_label, make_user

pytestmark = pytest.mark.django_db


def test_mine_the_others_and_what_is_left_of_today() -> None:
    me, other = make_user(role="analyst"), make_user(role="analyst")
    make_incident(status=Incident.Status.CLASSIFIED)
    make_label(make_incident(), me)
    make_label(make_incident(), other)
    make_label(make_incident(), other, source=Label.Source.IMPORT)
    make_label(make_incident(), me, created_at=timezone.now() - timedelta(days=2))
    Retraction.objects.create(label=make_label(make_incident(), me), by=me)
    assert progress(me) == Progress(mine=1, others=1, left=1)


def test_the_pieces_fill_the_bar() -> None:
    parts = Progress(mine=1, others=2, left=1).parts
    assert [(part.start, part.width) for part in parts] == [(0, 25), (25, 50), (75, 25)]
    assert [part.width for part in Progress(0, 0, 0).parts] == [0, 0, 100]
