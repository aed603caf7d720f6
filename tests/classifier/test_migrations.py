"""Changes of the tables of models while there are rows in them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from classifier.models import ActingPolicy, DatasetSnapshot, Evaluation, Promotion, Refusal
from incidents.models import TaxonomyVersion
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import (
    make_evaluation,
    make_path,
    make_policy,
    make_promotion,
    make_taxonomy_version,
    make_user,
    make_version,
)
from tests.incidents.test_migrations import migrate


@pytest.fixture
def newest(transactional_db: None) -> Iterator[list[tuple[str, str]]]:
    everything = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield everything
    migrate(everything)


def test_rows_tell_labels_in_the_words_of_the_version_that_stood_when_they_were_made(
    newest: list[tuple[str, str]],
) -> None:
    make_path("Fraud")
    version, first, hours = make_version(), make_taxonomy_version(), timedelta(hours=1)
    take(Wish("rename", category="Fraud", name="Swindle"), by=None)
    second, now = TaxonomyVersion.objects.latest("pk"), timezone.now()
    TaxonomyVersion.objects.filter(pk=first.pk).update(created_at=now - 4 * hours)
    TaxonomyVersion.objects.filter(pk=second.pk).update(created_at=now - 2 * hours)
    before = make_evaluation(version, created_at=now - 3 * hours)
    after = make_evaluation(version, part="linear", created_at=now - hours)
    threat = make_evaluation(make_version(line="detect"), created_at=now - hours)
    policy = make_policy(version, created_at=now - 3 * hours)
    migrate([("classifier", "0019_promise_watch")])
    migrate(newest)
    found = {row.pk: row.taxonomy_version_id for row in Evaluation.objects.all()}
    assert found == {before.pk: first.pk, after.pk: second.pk, threat.pk: None}
    assert ActingPolicy.objects.get(pk=policy.pk).taxonomy_version_id == first.pk
    assert not DatasetSnapshot.objects.filter(checkable=True).exists()


def test_of_earlier_moves_without_a_person_those_of_people_alone_are_told(newest: list[tuple[str, str]]) -> None:
    version, ada = make_version(), make_user("ada")
    values = {"first": {}, "promote": {"by": ada}, "rollback": {}, "forced": {"forced": True, "approved_by": ada}}
    made = {
        name: make_promotion(version, action="promote" if name == "forced" else name, **more)
        for name, more in values.items()
    }
    refusal = Refusal.objects.create(version=version, champion=version, gate={"checks": []})
    migrate([("classifier", "0020_taxonomy_words")])
    migrate(newest)
    ruled = {name: Promotion.objects.get(pk=row.pk).by_itself for name, row in made.items()}
    assert ruled == {"first": True, "promote": False, "rollback": False, "forced": False}
    assert Refusal.objects.get(pk=refusal.pk).by_itself
