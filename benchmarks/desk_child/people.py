"""Who works at the desk, what reports can be labelled with, and the model versions that have read them."""

import hashlib
from dataclasses import dataclass

import numpy as np
from django.contrib.auth.models import Group
from numpy.typing import NDArray

from classifier.models import DatasetSnapshot, ModelVersion, Promotion
from incidents.demo.taxonomy import load_taxonomy as demo_taxonomy
from incidents.models import Path, TaxonomyVersion, User
from incidents.roles import ADMIN, ANALYST, LEAD, REPORTER, sync_roles
from incidents.services.taxonomy import current_version, load_taxonomy

ACCOUNTS = {REPORTER: 40, ANALYST: 12, LEAD: 2, ADMIN: 1}
STAGES = ("archived", "archived", "archived", "previous", "champion")
ACCURACY = (0.55, 0.62, 0.7, 0.76, 0.82)  # of the versions, the oldest first
SKEW = 1.1  # exponent of Zipf's law over the paths: the first has a quarter of the reports


@dataclass(frozen=True)
class Desk:
    """Everything that reports point at. `shares`: of the paths, in the order of `paths`."""

    people: dict[str, list[User]]
    paths: list[Path]
    shares: NDArray[np.float64]
    taxonomy: TaxonomyVersion
    versions: list[ModelVersion]

    @property
    def reviewers(self) -> list[User]:
        return [*self.people[ANALYST], *self.people[LEAD]]


def make_desk(rng: np.random.Generator) -> Desk:
    """Needs a migrated database without reports."""
    sync_roles()
    shipped = demo_taxonomy()
    load_taxonomy(shipped.rows, shipped.categories, shipped.sub_categories)
    paths = list(Path.objects.with_names().order_by("key"))
    shares = 1 / (rng.permutation(len(paths)) + 1) ** SKEW
    taxonomy = current_version()
    people = {role: _accounts(role, count) for role, count in ACCOUNTS.items()}
    versions = [_version(place, stage, taxonomy, paths) for place, stage in enumerate(STAGES)]
    Promotion.objects.create(action=Promotion.Action.FIRST, version=versions[0])
    return Desk(people, paths, shares / shares.sum(), taxonomy, versions)


def _accounts(role: str, count: int) -> list[User]:
    group = Group.objects.get(name=role)
    people = [User.objects.create(username=f"{role}{number}", password="!") for number in range(1, count + 1)]
    for person in people:
        person.groups.add(group)
    return people


def _version(place: int, stage: str, taxonomy: TaxonomyVersion, paths: list[Path]) -> ModelVersion:
    name = f"classify-{place + 1}"
    snapshot = DatasetSnapshot.objects.create(
        content_hash=hashlib.sha256(name.encode()).hexdigest(),
        taxonomy_version=taxonomy,
        path_ids=[path.pk for path in paths],
        counts={"train": 8000, "validation": 1000, "test": 1000},
    )
    return ModelVersion.objects.create(
        name=name,
        stage=stage,
        snapshot=snapshot,
        base_model="small-scratch",
        t5_weight=0.4,
        encoder_hash=hashlib.sha256(f"encoder of {name}".encode()).hexdigest(),
        folder=name,
    )
