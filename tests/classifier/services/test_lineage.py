"""What a version learned from, label by label; building it again; its card."""

import json
import shutil

import pytest

from classifier.ml.artifact import read_manifest
from classifier.models import ModelVersion
from classifier.services.dataset_hash import check_listing
from classifier.services.lineage import json_lines, learned_from, listing
from classifier.services.model_card import card_of
from classifier.services.model_card_text import markdown
from classifier.services.rebuild import rebuilt, request_rebuild
from classifier.services.taxonomy_since import newest_version
from classifier.services.training import TrainingRefused, request_training
from incidents.models import Incident
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import make_evaluation, make_incident, make_user, make_version
from tests.classifier.services.conftest import run_to_end

pytestmark = pytest.mark.django_db
STEPS = {
    "rename": Wish("rename", category="Fraud", name="Swindle"),
    "merge": Wish("merge", "Fraud / Vishing", into="Attack / Malware"),
    "retire": Wish("retire", "Fraud / Vishing"),
    "split": Wish("split", "Fraud / Vishing", names=("Bank calls", "Police calls")),
}


def test_every_label_is_listed_with_the_hash_of_all(champion: ModelVersion) -> None:
    rows = list(listing(champion))
    assert len(rows) == 90 and {row["split"] for row in rows} == {"train", "validation", "test"}
    decided = Incident.objects.get(pk=rows[0]["report"])
    assert rows[0]["label"] == decided.current_label_id
    assert rows[0]["paths"] == [path.key for path in decided.current_label.paths.all()]
    head, *rest = map(json.loads, json_lines(champion))
    snapshot = champion.snapshot
    assert head == {"model": champion.name, "dataset": snapshot.content_hash, "reports": 90, "checkable": True}
    assert rest == rows


def test_the_hash_follows_from_the_listing_whatever_labels_are_called_since(champion: ModelVersion) -> None:
    for wish in (STEPS["rename"], Wish("merge", "Swindle / Vishing", into="Abuse")):
        take(wish, by=None)
        checked = check_listing(json_lines(champion))
        assert checked.matches and (checked.listed, checked.reports, checked.hidden) == (90, 90, 0)
    assert {tuple(row["paths_then"]) for row in listing(champion)} == {
        ("Fraud / Vishing",),
        ("Attack / Malware",),
        ("Abuse",),
    }
    assert "Swindle / Vishing" in {row["paths"][0] for row in listing(champion)}


@pytest.mark.parametrize(
    "change",
    [
        {"title_sha256": "0" * 64},
        {"text_sha256": "0" * 64},
        {"split": "validation"},
        {"weight": 0.5},
        {"paths_then": ["Attack / Malware", "Fraud / Vishing"]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_listing_that_was_changed_gives_another_hash(champion: ModelVersion, change: dict[str, object]) -> None:
    head, first, *rest = json_lines(champion)
    assert not check_listing([head, json.dumps(json.loads(first) | change), *rest]).matches
    assert not check_listing([head, *rest]).matches


def test_what_somebody_must_not_see_is_missing_from_the_check(champion: ModelVersion) -> None:
    first = next(listing(champion))["report"]
    checked = check_listing(json_lines(champion, {first}))
    assert not checked.matches and checked.hidden == 1


def test_what_is_no_listing_is_none() -> None:
    with pytest.raises(ValueError, match="no listing of labels"):
        check_listing(['{"model": "x"}'])


def test_labels_that_somebody_must_not_see_are_left_out_of_the_listing(champion: ModelVersion) -> None:
    first = next(listing(champion))["report"]
    assert [row["report"] for row in listing(champion, {first}) if row["paths"] is None] == [first]


def test_a_report_tells_who_learned_from_it_and_who_was_only_measured(champion: ModelVersion) -> None:
    trained = Incident.objects.filter(split="train").first()
    tested = Incident.objects.filter(split="test").first()
    assert [(one.version, one.only_tested) for one in learned_from(trained)] == [(champion, False)]
    assert [one.only_tested for one in learned_from(tested)] == [True]
    assert learned_from(make_incident()) == []


def test_a_version_built_again_is_the_same_and_promotes_nothing(champion: ModelVersion) -> None:
    run = run_to_end(request_rebuild(champion, by=make_user(role="admin")))
    found = rebuilt(run)
    assert found is not None and found.same, found
    assert ModelVersion.objects.champion() == champion
    ordinary = run_to_end(request_training(base_model="none", force=True))
    assert rebuilt(ordinary) is None


def test_a_rebuild_on_another_dataset_is_told_from_the_original(champion: ModelVersion) -> None:
    run = run_to_end(request_rebuild(champion, by=None))
    path = run.version.artefact / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["hybrid.json"] = "0" * 64
    path.write_text(json.dumps(manifest))
    state = run.version.artefact / "hybrid.json"
    state.write_text(state.read_text().replace('"weight": 0', '"weight": 1', 1))
    found = rebuilt(run)
    assert found.unlike == ["hybrid.json"] and not found.same
    assert found.problem == "These files differ: hybrid.json."


@pytest.mark.parametrize("wish", STEPS.values(), ids=STEPS)
def test_labels_that_changed_between_do_not_make_another_model_of_it(champion: ModelVersion, wish: Wish) -> None:
    take(wish, by=None)
    run = run_to_end(request_rebuild(champion, by=None))
    assert rebuilt(run).same, rebuilt(run)
    assert read_manifest(run.version.artefact).paths == read_manifest(champion.artefact).paths


@pytest.mark.parametrize("wish", STEPS.values(), ids=STEPS)
def test_labels_that_changed_after_a_rebuild_do_not_either(champion: ModelVersion, wish: Wish) -> None:
    run = run_to_end(request_rebuild(champion, by=None))
    take(wish, by=None)
    assert rebuilt(run).same, rebuilt(run)


def test_figures_measured_by_other_labels_are_told_not_to_be_compared(champion: ModelVersion) -> None:
    run = run_to_end(request_rebuild(champion, by=None))
    take(STEPS["merge"], by=None)
    run.version.evaluations.update(taxonomy_version=newest_version())
    found = rebuilt(run)
    assert found.same and found.figures is None
    assert "labels were merged, split or retired between the two measurements" in found.problem


def test_another_decision_is_told_also_across_a_rename(champion: ModelVersion) -> None:
    take(STEPS["rename"], by=None)
    run = run_to_end(request_rebuild(champion, by=None))
    served = run.version.evaluations.get(part="served")
    served.outcomes["confidence"][0] /= 2
    served.save()
    found = rebuilt(run)
    assert not found.same and found.problem == "1 of 9 test reports are decided otherwise."


def test_why_it_is_not_the_same_is_told(champion: ModelVersion) -> None:
    run = run_to_end(request_rebuild(champion, by=None))
    served = run.version.evaluations.get(part="served")
    served.figures["nll"] += 1
    served.save()
    assert (rebuilt(run).same, rebuilt(run).problem) == (False, "These test figures differ: nll.")
    champion.evaluations.all().delete()
    assert rebuilt(run).same and f"{champion.name} was not measured" in rebuilt(run).problem
    shutil.rmtree(run.version.artefact)
    assert not rebuilt(run).same and rebuilt(run).problem


def test_what_was_not_trained_here_or_had_a_time_budget_is_not_built_again(champion: ModelVersion) -> None:
    with pytest.raises(TrainingRefused, match="was not trained"):
        request_rebuild(make_version(), by=None)
    champion.run.options = {"max_seconds": 5.0}
    champion.run.save()
    with pytest.raises(TrainingRefused, match="time budget"):
        request_rebuild(champion, by=None)


def test_the_card_tells_data_figures_limits_and_hashes(champion: ModelVersion) -> None:
    card = card_of(champion)
    assert card.data.counts == {"test": 9, "train": 72, "validation": 9}
    assert card.hashes["dataset"] == champion.snapshot.content_hash and card.hashes["artefact"]
    (category, *_) = card.levels
    assert {row.label: (row.support, row.training) for row in category.classes} == {
        "Abuse": (3, 24),
        "Attack": (3, 24),
        "Fraud": (3, 24),
    }
    for row in category.classes:
        for figure in row.figures:
            assert 0 <= figure.low <= figure.value <= figure.high <= 1
    assert [move.action for move in card.moves] == ["first"]
    assert json.loads(json.dumps(card.to_json()))["name"] == champion.name


def test_the_card_tells_figures_and_training_reports_by_the_labels_of_today(champion: ModelVersion) -> None:
    def told() -> dict[str, tuple[int, int]]:
        return {row.label: (row.support, row.training) for row in card_of(champion).levels[0].classes}

    before = card_of(champion).limits
    take(STEPS["rename"], by=None)
    assert told() == {"Abuse": (3, 24), "Attack": (3, 24), "Swindle": (3, 24)}
    assert card_of(champion).limits == before
    take(Wish("merge", "Attack / Malware", into="Abuse"), by=None)
    assert told() == {"Abuse": (6, 48), "Swindle": (3, 24)}
    take(Wish("retire", "Swindle / Vishing"), by=None)
    assert told() == {"Abuse": (6, 48)}


def test_the_card_warns_of_classes_that_it_hardly_learned(champion: ModelVersion) -> None:
    figures = champion.evaluations.get(part="served")
    rare = {"label": "Rare", "precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}
    figures.figures["category"]["classes"].append(rare)
    figures.save()
    told = " ".join(card_of(champion).limits)
    assert "fewer than 20 reports each, so hardly to be trusted: Rare" in told
    assert "Not measured, for want of test reports: Rare" in told


def test_markdown_of_a_card_is_no_markup_of_labels(champion: ModelVersion) -> None:
    figures = champion.evaluations.get(part="served")
    figures.figures["category"]["classes"][0]["label"] = "a|b <script> [x](y)\n# z"
    figures.save()
    text = markdown(card_of(champion))
    assert "\n| a\\|b \\<script\\> \\[x\\](y) \\# z |" in text
    assert text.startswith(f"# {champion.name}\n")


def test_a_version_without_figures_still_has_a_card(home: object) -> None:
    card = card_of(make_version())
    assert card.levels == [] and "artefact" not in card.hashes
    assert "It was not measured." in markdown(card)
    make_evaluation(version := make_version())
    assert card_of(version).levels
