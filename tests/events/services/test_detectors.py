import shutil

import numpy as np
import pytest

from classifier.models import ModelVersion
from classifier.services.promotion import promote, rollback
from classifier.store import ArtifactUnreachable
from events.services import detectors
from events.services.detectors import serving
from tests.events.builders import make_entity, make_events, make_source
from tests.events.services.detector_rows import NAMES, numbers, source_with, train

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(caseloop_home):
    detectors.forget()
    yield
    detectors.forget()


def test_a_source_without_events_has_nothing_that_scores():
    state = serving(make_source())
    assert (state.version, state.detector, state.threshold) == (None, None, None)


def test_a_cold_start_judges_from_two_hundred_events_on():
    source = source_with(199)
    assert serving(source).detector is None
    make_events(source, numbers(1), NAMES)
    detectors.forget()
    state = serving(source)
    assert state.version is None
    rows = numbers(500, seed=5)
    scores = state.detector.score(state.detector.align(NAMES)(rows))
    assert np.mean(scores > state.threshold) < 0.1
    far = state.detector.score(state.detector.align(NAMES)(np.full((1, 3), 40.0)))
    assert far[0] > state.threshold


def test_what_filters_drop_is_no_past_to_judge_by():
    source = make_source()
    make_events(source, numbers(600), NAMES, decision="filtered", entity=make_entity(source))
    assert serving(source).detector is None


def test_a_cold_start_is_made_anew_at_growing_sizes(monkeypatch):
    monkeypatch.setattr(detectors, "LOOK_SECONDS", 0.0)
    source = source_with(250)
    first = serving(source).detector
    make_events(source, numbers(100), NAMES)
    assert serving(source).detector is first
    make_events(source, numbers(200), NAMES)
    assert serving(source).detector is not first


def test_the_champion_serves_with_the_threshold_of_the_alert_budget():
    source = source_with(800, alert_budget=0.05)
    version = train(source)
    state = serving(source)
    assert state.version == version
    assert state.threshold == pytest.approx(state.detector.threshold(0.05))


def test_a_changed_budget_takes_effect_without_a_training(monkeypatch):
    monkeypatch.setattr(detectors, "LOOK_SECONDS", 0.0)
    source = source_with(800)
    train(source)
    before = serving(source)
    type(source).objects.filter(pk=source.pk).update(alert_budget=0.2)
    after = serving(source)
    assert after.detector is before.detector
    assert after.threshold < before.threshold


def test_between_two_looks_nothing_is_asked(django_assert_num_queries):
    source = source_with(800)
    train(source)
    serving(source)
    with django_assert_num_queries(0):
        serving(source)


def test_a_look_is_one_query_while_nothing_changes(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(detectors, "LOOK_SECONDS", 0.0)
    source = source_with(800)
    train(source)
    serving(source)
    with django_assert_num_queries(1):
        serving(source)


def test_another_champion_is_noticed(monkeypatch):
    monkeypatch.setattr(detectors, "LOOK_SECONDS", 0.0)
    source = source_with(800)
    first, second = train(source), train(source, force=True)
    assert (serving(source).version, serving(source).shadow_version) == (first, second)
    promote(second, by=None)
    assert (serving(source).version, serving(source).shadow_version) == (second, None)
    rollback(by=None, line=source.line)
    assert serving(source).version == first


def test_a_detector_that_cannot_be_read_leaves_events_unscored_and_the_source_says_so(
    django_capture_on_commit_callbacks,
):
    source = source_with(800)
    version = train(source)
    shutil.rmtree(version.artefact)
    with django_capture_on_commit_callbacks(execute=True):
        state = serving(source)
    assert (state.version, state.detector, state.threshold) == (version, None, None)
    source.refresh_from_db()
    assert source.error.startswith(f"Events are stored unscored: {version.name} cannot be read. Roll back, or train")


def test_the_error_goes_once_the_detector_can_be_read(monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(detectors, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(detectors, "RETRY_SECONDS", 0.0)
    source = source_with(800)
    version = train(source)
    aside = version.artefact.with_name("aside")
    version.artefact.rename(aside)
    with django_capture_on_commit_callbacks(execute=True):
        serving(source)
    aside.rename(version.artefact)
    with django_capture_on_commit_callbacks(execute=True):
        assert serving(source).detector is not None
    source.refresh_from_db()
    assert source.error == ""


def test_the_error_of_a_fetch_is_left_alone(django_capture_on_commit_callbacks):
    source = source_with(800, error="The stream is away.")
    train(source)
    with django_capture_on_commit_callbacks(execute=True):
        serving(source)
    source.refresh_from_db()
    assert source.error == "The stream is away."


def test_sources_do_not_share_detectors():
    one, other = source_with(800), source_with(800)
    train(one)
    assert serving(one).version is not None
    assert serving(other).version is None
    assert ModelVersion.objects.filter(line=other.line).count() == 0


def test_while_the_storage_of_models_is_away_events_wait_and_a_shadow_keeps_nobody(monkeypatch):
    source = source_with(800)
    first = train(source)
    make_events(source, numbers(100), NAMES)
    second = train(source)
    assert (ModelVersion.objects.champion(source.line), ModelVersion.objects.shadow(source.line)) == (first, second)
    real, away = ModelVersion.artefact.fget, {first.pk}

    def artefact(version):
        if version.pk in away:
            raise ArtifactUnreachable("the storage does not answer")
        return real(version)

    monkeypatch.setattr(ModelVersion, "artefact", property(artefact))
    detectors.forget()
    with pytest.raises(ArtifactUnreachable):
        serving(source)
    away = {second.pk}
    detectors.forget()
    state = serving(source)
    assert state.detector is not None and state.shadow is None
