import numpy as np
import pytest

from classifier.models import ModelVersion, Promotion, TrainingRun
from classifier.services.pruning import prune_artefacts
from classifier.services.training import TrainingRefused
from events.models import Detection, Event
from events.services import feature_rows
from events.services.detector_training import request_detector
from events.services.feature_rows import latest_rows, rows_to_learn_from
from incidents.models import AuditEvent, Setting
from tests.events.builders import make_entity, make_events, make_source
from tests.events.services.detector_rows import NAMES, numbers, run_to_end, source_with, train

pytestmark = pytest.mark.django_db
Stage = ModelVersion.Stage


@pytest.fixture(autouse=True)
def _home(caseloop_home):
    return caseloop_home


def detection_of(source, entity, status):
    now = entity.last_seen
    return Detection.objects.create(
        source=source, entity=entity, cause="test", status=status, first_seen=now, last_seen=now
    )


def test_too_few_events_are_refused_in_a_sentence():
    source = source_with(499)
    with pytest.raises(TrainingRefused, match=r"has 499 events .* at least 500 are needed"):
        request_detector(source)


def test_a_run_waits_on_the_line_of_its_source():
    source = source_with(500)
    run = request_detector(source, reason="somebody asked")
    assert (run.line, run.base_model, run.snapshot.counts) == (source.line, "isolation-forest", {"train": 500})
    assert "somebody asked" in run.log_tail


def test_a_second_training_of_the_same_source_is_refused_while_one_is_open():
    source = source_with(500)
    request_detector(source)
    with pytest.raises(TrainingRefused, match="is queued already"):
        request_detector(source)


def test_trainings_of_different_sources_do_not_wait_for_each_other():
    request_detector(source_with(500))
    request_detector(source_with(500))
    assert TrainingRun.objects.open().count() == 2


def test_the_same_events_are_not_learned_again_unless_forced():
    source = source_with(500)
    train(source)
    with pytest.raises(TrainingRefused, match="Nothing changed since"):
        request_detector(source)
    assert request_detector(source, force=True).snapshot == TrainingRun.objects.last().snapshot


def test_the_first_version_takes_charge_by_itself():
    source = source_with(600, alert_budget=0.02)
    version = train(source)
    assert (version.stage, version.t5_weight) == (Stage.CHAMPION, 0.0)
    promotion = Promotion.objects.get(version=version)
    assert (promotion.by, promotion.action, promotion.reason) == (None, "first", "the first detector of its source")
    assert AuditEvent.objects.filter(kind="model.first", subject=version.name).exists()


def test_its_figures_are_kept():
    source = source_with(600, alert_budget=0.02)
    figures = train(source).evaluations.get(part="served").figures
    assert figures.keys() == {"events", "features", "budget", "threshold", "alert_rate", "ks", "seconds"}
    assert (figures["events"], figures["features"]) == (600, 2)  # what only grows is not compared
    assert figures["alert_rate"] == pytest.approx(0.02, abs=0.005)


def test_later_versions_score_silently_and_replace_one_another():
    source = source_with(600)
    first, second, third = (train(source, force=True) for _ in range(3))
    stages = [ModelVersion.objects.get(pk=version.pk).stage for version in (first, second, third)]
    assert stages == [Stage.CHAMPION, Stage.ARCHIVED, Stage.SHADOW]
    ended = AuditEvent.objects.get(kind="model.shadow_ended", subject=second.name)
    assert ended.detail["reason"] == f"{third.name} was trained on newer events"


def test_artefacts_of_long_archived_versions_are_removed():
    Setting.objects.create(key="kept_artefacts", value=1)
    source = source_with(600)
    versions = [train(source, force=True) for _ in range(4)]
    prune_artefacts()
    assert [version.artefact.exists() for version in versions] == [True, False, True, True]


def test_a_champion_that_cannot_be_read_is_replaced_at_once():
    source = source_with(600)
    first = train(source)
    first.artefact.rename(first.artefact.with_name("lost"))
    assert train(source, force=True).stage == Stage.CHAMPION


def test_rows_that_an_analyst_confirmed_as_a_threat_are_left_out_and_only_those():
    source = make_source()
    entity = make_entity(source)
    make_events(source, numbers(10), NAMES, entity=entity, detection=detection_of(source, entity, "confirmed"))
    make_events(source, numbers(10), NAMES, entity=entity, detection=detection_of(source, entity, "dismissed"))
    make_events(source, numbers(10), NAMES, entity=entity, decision=Event.Decision.ABOVE)
    make_events(source, numbers(10), NAMES, entity=entity, decision=Event.Decision.SUPPRESSED)
    assert len(rows_to_learn_from(source)) == 20


def test_a_large_history_is_drawn_from_fairly(monkeypatch):
    monkeypatch.setattr(feature_rows, "WINDOW", 1000)
    monkeypatch.setattr(feature_rows, "MOST_ROWS", 400)
    source = make_source()
    ramp = np.repeat(np.arange(1500.0)[:, None], 3, axis=1)
    make_events(source, ramp, NAMES, entity=make_entity(source))
    rows = rows_to_learn_from(source)
    assert len(rows) == 400
    assert rows.values.min() >= 500
    assert rows.values[:, 0].mean() == pytest.approx(1000, abs=60)
    assert rows_to_learn_from(source).digest == rows.digest


def test_events_of_an_earlier_feature_set_are_aligned_by_name():
    source = make_source()
    entity = make_entity(source)
    make_events(source, np.array([[1.0, 2.0]]), ["a", "b"], entity=entity)
    make_events(source, np.array([[5.0, 4.0, 3.0]]), ["b", "new", "a"], entity=entity)
    rows = latest_rows(source, 10)
    assert rows.names == ("b", "new", "a")
    ordered = rows.values[rows.newest]
    np.testing.assert_array_equal(ordered, [[5.0, 4.0, 3.0], [2.0, np.nan, 1.0]])


def test_events_that_vanish_before_the_run_change_what_it_says_it_learned_from():
    source = source_with(700)
    run = request_detector(source)
    asked = run.snapshot
    Event.objects.filter(pk__in=list(Event.objects.values_list("pk", flat=True)[:50])).delete()
    run = run_to_end(run)
    assert run.snapshot != asked
    assert run.snapshot.counts == {"train": 650}
    assert run.version.snapshot == run.snapshot


def test_either_way_to_the_newest_events_finds_the_same():
    one, other = source_with(30), source_with(300)
    for source in (one, other):
        for limit in (1, 100_000):
            found = list(feature_rows.newest(source, limit).values_list("pk", flat=True))
            assert found == sorted(source.events.values_list("pk", flat=True), reverse=True)
