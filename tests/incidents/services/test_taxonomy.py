import pytest

from classifier.ml.taxonomy import LabelPath
from incidents.demo.taxonomy import load_taxonomy
from incidents.labels import LabelProblem
from incidents.models import AuditEvent, Category, Path, SubCategory, TaxonomyVersion
from incidents.services import taxonomy
from tests.builders import make_path, make_user

pytestmark = pytest.mark.django_db
FRAUD = LabelPath.of(["Fraud"], "Vishing")


def test_the_version_changes_with_the_paths_and_only_with_them():
    first = taxonomy.current_version()
    taxonomy.create_paths([FRAUD])
    second = taxonomy.current_version()
    assert second != first
    assert second.path_keys == ["Fraud / Vishing"]
    assert taxonomy.current_version() == second
    assert TaxonomyVersion.objects.count() == 2


def test_paths_come_with_their_labels_and_are_audited_once():
    admin = make_user(role="admin")
    shared = LabelPath.of(["Fraud", "Attack"], "Ransom")
    assert taxonomy.create_paths([FRAUD, shared], by=admin) == taxonomy.Created(2, 2, 2)
    assert taxonomy.create_paths([FRAUD, shared], by=admin) == taxonomy.Created()
    assert set(taxonomy.stored_paths()) == {FRAUD, shared}
    event = AuditEvent.objects.get(kind="taxonomy.extended")
    assert (event.actor, event.detail["paths"]) == (admin, 2)


def test_labels_that_are_there_are_used_again():
    make_path("Fraud", "Phishing")
    assert taxonomy.create_paths([FRAUD]) == taxonomy.Created(0, 1, 1)
    assert Category.objects.count() == 1


def test_two_paths_that_would_read_alike_are_refused_and_nothing_is_added():
    alike = [LabelPath.of(["Gambling / Betting"]), LabelPath.of(["Gambling"], "Betting")]
    with pytest.raises(LabelProblem, match="two paths would both read “Gambling / Betting”"):
        taxonomy.create_paths([FRAUD, *alike])
    assert not Path.objects.exists()


def test_the_default_taxonomy_is_loaded_with_guides_and_examples():
    default = load_taxonomy()
    created = taxonomy.load_taxonomy(default.rows, default.categories, default.sub_categories)
    assert created == taxonomy.Created(15, 35, 40)
    assert all(label.guide and label.examples for model in (Category, SubCategory) for label in model.objects.all())
    tampering = SubCategory.objects.get(name="Tampering with Computer Source Documents")
    assert [len(path.category_names) for path in tampering.paths.all()] == [1, 1]
    assert Path.objects.filter(sub_category=None).count() == 4


def test_loading_again_keeps_what_people_wrote():
    default = load_taxonomy()
    taxonomy.load_taxonomy(default.rows, default.categories, default.sub_categories)
    Category.objects.filter(name="Ransomware").update(guide="Our own words.")
    assert taxonomy.load_taxonomy(default.rows, default.categories, default.sub_categories) == taxonomy.Created()
    assert Category.objects.get(name="Ransomware").guide == "Our own words."
