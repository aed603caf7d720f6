"""Promotion, roll-back and shadows on the lines of the event stream, and what models stay loaded."""

import pytest

from classifier import registry
from classifier.models import AnomalySet, ModelVersion, Promotion
from classifier.models.version import CLASSIFY, DETECT
from classifier.services.lines import is_line, line_named, other_lines
from classifier.services.promotion import PromotionRefused, promote, rollback
from classifier.services.shadow import end_shadow, set_shadow
from classifier.services.training import settle_runs
from classifier.services.versions import free_name
from incidents.models import AuditEvent, User
from tests.builders import make_incident, make_run, make_user, make_version
from tests.classifier.lines import SSHD, make_detector, make_threat_version
from workers.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("caseloop_home")]
Stage = ModelVersion.Stage


@pytest.fixture
def admin() -> User:
    return make_user(role="admin")


def stages(line: str) -> dict[str, str]:
    return dict(ModelVersion.objects.filter(line=line).values_list("name", "stage"))


def test_each_line_has_a_champion_of_its_own(admin: User) -> None:
    for version in (make_detector("a-v1"), make_detector("b-v1", line="anomaly:dns"), make_threat_version(name="d-v1")):
        assert promote(version, by=admin).action == "first"
    assert ModelVersion.objects.filter(stage=Stage.CHAMPION).count() == 3
    assert ModelVersion.objects.champion() is None


def test_only_the_line_of_the_reports_asks_for_work_on_reports(admin: User) -> None:
    make_incident()
    for version in (make_detector(), make_threat_version()):
        promote(version, by=admin)
    assert not Job.objects.exists() and not AnomalySet.objects.exists()


def test_a_line_is_rolled_back_alone(admin: User) -> None:
    for version in (make_detector("a-v1"), make_detector("a-v2"), make_detector("b-v1", line="anomaly:dns")):
        promote(version, by=admin)
    rollback(by=admin, line=SSHD, reason="too many alerts")
    assert stages(SSHD) == {"a-v1": Stage.CHAMPION, "a-v2": Stage.ARCHIVED}
    assert Promotion.objects.first().action == "rollback"
    assert AuditEvent.objects.get(kind="model.rollback").detail == {"replaced": "a-v2", "line": SSHD}
    with pytest.raises(PromotionRefused, match="no earlier version"):
        rollback(by=admin, line="anomaly:dns")


def test_a_shadow_takes_the_place_of_the_shadow_before_and_leaves_an_audit_event(admin: User) -> None:
    make_detector("a-v1", stage=Stage.CHAMPION)
    first, second = make_detector("a-v2"), make_detector("a-v3", stage=Stage.ARCHIVED)
    set_shadow(first, by=admin)
    set_shadow(second, by=admin)
    assert stages(SSHD) == {"a-v1": Stage.CHAMPION, "a-v2": Stage.CHALLENGER, "a-v3": Stage.SHADOW}
    end_shadow(second, by=admin)
    assert second.stage == Stage.CHALLENGER
    kinds = AuditEvent.objects.filter(kind__startswith="model.shadow").order_by("pk").values_list("kind", "subject")
    assert list(kinds) == [("model.shadow", "a-v2"), ("model.shadow", "a-v3"), ("model.shadow_ended", "a-v3")]


def test_a_shadow_may_be_promoted(admin: User) -> None:
    shadow = make_detector("a-v2", stage=Stage.SHADOW)
    promote(shadow, by=admin)
    assert stages(SSHD) == {"a-v2": Stage.CHAMPION}


@pytest.mark.parametrize("stage", [Stage.CHAMPION, Stage.PREVIOUS, Stage.SHADOW])
def test_who_has_a_place_already_becomes_no_shadow(admin: User, stage: Stage) -> None:
    with pytest.raises(PromotionRefused, match="of its line already"):
        set_shadow(make_detector(stage=stage), by=admin)


def test_what_nobody_lets_score_silently_becomes_no_shadow(admin: User) -> None:
    with pytest.raises(PromotionRefused, match="there is no shadow on its line"):
        set_shadow(make_version(line=DETECT), by=admin)


def test_a_detector_that_cannot_be_read_becomes_no_shadow_and_what_is_none_cannot_end(admin: User) -> None:
    with pytest.raises(PromotionRefused, match="cannot be used"):
        set_shadow(make_version(line=SSHD), by=admin)
    with pytest.raises(PromotionRefused, match="is no shadow"):
        end_shadow(make_detector(), by=admin)


def test_names_count_within_their_line_and_are_never_taken_twice() -> None:
    assert [free_name("none"), free_name("isolation-forest", SSHD), free_name("none", DETECT)] == [
        "linear-v1",
        "anomaly-sshd-v1",
        "detect-v1",
    ]
    make_detector("anomaly-sshd-v1")
    make_detector("anomaly-a.b-v1", line="anomaly:a.b")
    make_version(name="linear-v7")
    assert free_name("isolation-forest", SSHD) == "anomaly-sshd-v2"
    assert free_name("google/flan-t5-small") == "flan-t5-small-v8"
    make_version(name="detect-v1")  # a base model may be called so
    assert free_name("none", DETECT) == "detect-v2"
    make_detector("anomaly-a-b-v1", line="anomaly:a_b")
    assert free_name("isolation-forest", "anomaly:a-b") == "anomaly-a-b-v2"


def test_the_lines_of_the_stream_are_told_with_who_stands_where() -> None:
    make_detector("a-v1", stage=Stage.CHAMPION)
    make_detector("a-v2", stage=Stage.SHADOW)
    make_detector("a-v3")
    run = make_run(line="anomaly:dns", base_model="isolation-forest")
    detect, dns, sshd = other_lines()
    assert (detect.line.name, detect.champion, detect.challengers) == (DETECT, None, 0)
    assert (dns.line.title, dns.open_run) == ("Detectors of dns", run)
    assert (str(sshd.champion), sshd.previous, str(sshd.shadow), sshd.challengers) == ("a-v1", None, "a-v2", 1)
    assert is_line("anomaly:dns") and is_line(DETECT) and not is_line("anomaly:none")
    assert line_named("anomaly:x").has_shadow and not line_named(DETECT).has_shadow


def test_a_run_whose_job_is_gone_is_settled_on_every_line() -> None:
    for line in (CLASSIFY, DETECT, SSHD):
        make_run(line=line, status="running")
    assert settle_runs() == 3


class Loaded:
    def classify_batch(self, texts: list[str]) -> list[None]:
        return [None for _ in texts]


def test_both_champions_stay_loaded_beside_one_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.registry._loaded", type(registry._loaded)())
    monkeypatch.setattr("classifier.registry.HybridModel.load", lambda folder, int8: Loaded())
    reports, threats = make_version(stage=Stage.CHAMPION), make_threat_version(stage=Stage.CHAMPION)
    assert registry.warm() == f"{reports.name}, {threats.name}"
    others = [make_version() for _ in range(3)]
    for version in others:
        registry.load(version)
    assert set(registry._loaded) == {reports.folder, threats.folder, others[-1].folder}


def test_a_champion_that_cannot_be_read_keeps_no_other_from_being_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.registry._loaded", type(registry._loaded)())
    make_version(stage=Stage.CHAMPION, name="gone-v1", folder="gone-v1")
    threats = make_threat_version(stage=Stage.CHAMPION)
    monkeypatch.setitem(registry._loaded, threats.folder, registry._Loaded(Loaded(), False))  # type: ignore[arg-type]
    with pytest.raises(registry.ArtifactError, match="gone-v1"):
        registry.warm()
