import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from classifier.models import Prediction
from classifier.services.priority import Priorities
from classifier.services.reading import known_paths, latest_prediction, ranked_paths
from classifier.services.snapshot import freeze
from incidents.models import AuditEvent, Category, Incident, Label, Path, Retraction, SearchDocument, TaxonomyStep
from incidents.services import reviewing, taxonomy_looks
from incidents.services.search import ids_of
from incidents.services.taxonomy import current_version
from incidents.services.taxonomy_preview import preview
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import TaxonomyRefused, Wish
from tests.builders import make_decided, make_incident, make_label, make_path, make_prediction, make_user, make_version
from tests.incidents.desk import work_off

pytestmark = pytest.mark.django_db
CALL, MAIL, TEXT = "Fraud / Vishing", "Fraud / Phishing", "Fraud / Smishing"


@pytest.fixture
def admin():
    return make_user(role="admin")


@pytest.fixture
def paths():
    rows = [make_path("Fraud", name) for name in ("Phishing", "Smishing", "Vishing")]
    return {path.key: path for path in rows}


@pytest.fixture
def version(paths):
    return make_version(stage="champion")


@pytest.fixture
def step(admin):
    def taken(kind, label="", **more):
        return take(Wish(kind, label, **more), by=admin)

    return taken


def predicted(version, chances, **overrides):
    incident = make_incident(**overrides)
    make_prediction(incident, version, chances)
    return incident


def said(incident):
    prediction = latest_prediction(incident)
    return {one.path.key: round(one.probability, 2) for one in ranked_paths(prediction, known_paths([prediction]))}


def label_of(incident):
    incident.refresh_from_db()
    return [path.key for path in incident.current_label.present_paths]


def split(names, label=CALL):
    return {"kind": "split", "label": label, "names": names}


def everything_said():
    predictions = Prediction.objects.order_by("pk").values_list("pk", "path_ids", "distribution", "taxonomy_version")
    return (
        [(pk, ids, bytes(chances), version) for pk, ids, chances, version in predictions],
        list(Label.paths.through.objects.order_by("pk").values_list("label", "path")),
        list(Label.objects.order_by("pk").values_list("pk", "taxonomy_version", "suggested")),
    )


def test_probabilities_of_merged_labels_add_up_and_the_list_follows(paths, version, step):
    incident = predicted(version, [0.3, 0.3, 0.4])
    step("merge", TEXT, into=MAIL)
    assert said(incident) == {MAIL: 0.6, CALL: 0.4}
    prediction = latest_prediction(incident)
    assert prediction.path_ids == [paths[MAIL].pk]
    assert prediction.confidence == pytest.approx(0.6, abs=0.01)
    work_off()
    incident.refresh_from_db()
    assert (incident.current_sub_category, incident.standing_category) == ("Phishing", "Fraud")
    assert incident.current_confidence == pytest.approx(0.6, abs=0.01)
    place = Priorities.in_force().of(incident.pk, incident.current_confidence, incident.current_anomaly)
    assert incident.review_priority == place


def test_a_renamed_label_changes_nothing_but_the_name(paths, version, step):
    waiting, decided = predicted(version, [0.1, 0.2, 0.7]), make_decided(paths[CALL])
    before = Incident.objects.values("review_priority", "current_confidence", "current_unsure").get(pk=waiting.pk)
    step("rename", CALL, name="Voice phishing")
    work_off()
    assert said(waiting) == {"Fraud / Voice phishing": 0.7, TEXT: 0.2, MAIL: 0.1}
    assert label_of(decided) == ["Fraud / Voice phishing"]
    assert Incident.objects.values(*before).get(pk=waiting.pk) == before
    assert ids_of("voice") == [decided.pk, waiting.pk]
    assert ids_of("vishing") == []


def test_a_renamed_category_renames_all_that_stands_under_it(paths, version, step):
    waiting, decided = predicted(version, [0.1, 0.2, 0.7]), make_decided(paths[MAIL])
    step("rename", category="Fraud", name="Deceit")
    work_off()
    for incident in (waiting, decided):
        incident.refresh_from_db()
        assert incident.standing_category == "Deceit"
    assert Incident.objects.in_category("Deceit").count() == 2
    assert sorted(Path.objects.values_list("key", flat=True))[0] == "Deceit / Phishing"


def test_retired_mass_goes_to_the_others_and_is_told(paths, version, step):
    incident, decided = predicted(version, [0.1, 0.3, 0.6]), make_decided(paths[CALL])
    taken = step("retire", CALL)
    assert said(incident) == {TEXT: 0.75, MAIL: 0.25}
    assert latest_prediction(incident).today.retired == pytest.approx(0.6, abs=0.001)
    assert label_of(decided) == []
    assert list(taxonomy_looks.to_look_at(Incident.objects.all(), taken)) == [decided]


def test_a_moved_label_reads_in_its_new_place(paths, version, step):
    make_path("Attack", "Malware")
    incident, decided = predicted(version, [0.1, 0.2, 0.7]), make_decided(paths[CALL])
    step("move", CALL, categories=("Attack",))
    work_off()
    assert said(incident)["Attack / Vishing"] == 0.7
    decided.refresh_from_db()
    assert (label_of(decided), decided.standing_category) == (["Attack / Vishing"], "Attack")


def test_a_split_leaves_the_whole_until_people_tell_its_reports_apart(admin, paths, version, step):
    waiting, decided = predicted(version, [0.1, 0.2, 0.7]), make_decided(paths[CALL])
    taken = step(**split(("Bank calls", "Police calls")))
    assert said(waiting)[CALL] == 0.7
    assert label_of(decided) == [CALL]
    assert taxonomy_looks.left(taken) == 1
    part = Path.objects.get(key="Fraud / Bank calls")
    assert reviewing.reopen(decided, admin)
    reviewing.decide(decided, reviewer=admin, verdict="correct", paths=[part])
    assert label_of(decided) == ["Fraud / Bank calls"]
    assert taxonomy_looks.left(taken) == 0


def test_the_whole_cannot_be_chosen_any_more_and_the_reason_is_said(admin, paths, step):
    incident = make_incident(status="classified")
    assert reviewing.claim(incident, admin)
    step(**split(("Bank calls", "Police calls")))
    with pytest.raises(ValidationError, match="“Fraud / Vishing” was split meanwhile: choose one of its parts"):
        reviewing.decide(incident, reviewer=admin, verdict="correct", paths=[paths[CALL]])


def test_a_category_merged_into_another_takes_its_labels_along(paths, step):
    make_path("Scam", "Vishing")
    lonely = make_decided(make_path("Scam", "Romance"))
    double = make_decided(Path.objects.get(key="Scam / Vishing"))
    step("merge", category="Scam", into="Fraud")
    assert label_of(lonely) == ["Fraud / Romance"]
    assert label_of(double) == [CALL]
    assert "Scam" not in Category.objects.in_use().values_list("name", flat=True)


def test_a_retired_category_keeps_what_stands_under_another_one_too(step):
    shared, own = make_path(["Attack", "Fraud"], "Ransom"), make_path("Attack", "Malware")
    both, alone = make_decided(shared), make_decided(own)
    step("retire", category="Attack")
    assert (label_of(both), label_of(alone)) == (["Fraud / Ransom"], [])


@pytest.mark.parametrize(
    "wish",
    [
        Wish("merge", TEXT, into=MAIL),
        Wish("rename", CALL, name="Voice phishing"),
        Wish("retire", CALL),
        Wish("split", CALL, names=("Bank calls", "Police calls")),
        Wish("add", name="Quishing", categories=("Fraud",)),
        Wish("merge", category="Fraud", into="Attack"),
    ],
    ids=lambda wish: f"{wish.kind} {wish.what}",
)
def test_undoing_a_step_gives_back_what_was_read_and_no_row_was_rewritten(admin, paths, version, wish):
    make_path("Attack", "Malware")
    incident, decided = predicted(version, [0.1, 0.2, 0.7]), make_decided(paths[CALL])
    shown = Incident.objects.order_by("pk").values("current_category", "current_sub_category", "standing_category")
    before, rows, read = list(shown), everything_said(), said(incident)
    taken = take(wish, by=admin)
    work_off()
    take(Wish("undo", undoes=taken.pk), by=admin)
    work_off()
    assert (said(incident), label_of(decided), list(shown)) == (read, [CALL], before)
    assert everything_said() == rows


def test_what_was_labelled_while_the_undone_step_stood_is_to_be_looked_at(admin, paths, step):
    early = make_decided(paths[MAIL])
    merged = step("merge", TEXT, into=MAIL)
    meanwhile = make_decided(paths[MAIL])
    undone = step("undo", undoes=merged.pk)
    late = make_decided(paths[MAIL])
    listed = taxonomy_looks.to_look_at(Incident.objects.all(), undone)
    assert list(listed) == [meanwhile]
    assert early not in listed
    assert late not in listed


def relabelled(incident, path):
    incident.current_label = make_label(incident, paths=[path], verdict="correct")
    incident.save(update_fields=["current_label"])
    return incident


def test_what_lost_its_label_and_got_another_before_that_was_undone_is_to_be_looked_at(admin, paths, step):
    merged = step("merge", TEXT, into=CALL)
    lost, merged_before, other = (make_decided(paths[key]) for key in (CALL, TEXT, MAIL))
    waits = make_decided(paths[CALL])
    taken = step("retire", CALL)
    for incident in (lost, merged_before, other):
        relabelled(incident, paths[MAIL])
    foreseen = preview(Wish("undo", undoes=taken.pk)).to_look_at
    undone = step("undo", undoes=taken.pk)
    found = taxonomy_looks.to_look_at(Incident.objects.order_by("pk"), undone)
    assert list(found) == [lost, merged_before] and foreseen == 2, "not what never had it, nor what has it still"
    assert merged.pk < taken.pk and label_of(waits) == [CALL]
    relabelled(lost, paths[CALL])
    assert list(found.all()) == [merged_before], "decided anew it is off the list"


def test_an_undone_label_or_a_second_opinion_is_not_what_a_report_had(paths, step):
    incident = make_decided(paths[MAIL])
    undone_label = make_label(incident, paths=[paths[CALL]])
    Retraction.objects.create(label=undone_label)
    make_label(incident, paths=[paths[CALL]], slot=Label.Slot.SECOND)
    taken = step("retire", CALL)
    relabelled(incident, paths[TEXT])
    undone = step("undo", undoes=taken.pk)
    assert taxonomy_looks.left(undone) == 0


def test_parts_labelled_before_a_split_was_undone_read_as_the_whole(paths, step):
    taken = step(**split(("Bank calls", "Police calls")))
    meanwhile = make_decided(Path.objects.get(key="Fraud / Police calls"))
    undone = step("undo", undoes=taken.pk)
    assert label_of(meanwhile) == [CALL]
    assert list(taxonomy_looks.to_look_at(Incident.objects.all(), undone)) == [meanwhile]


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish("rename", CALL, name="Phishing"), "“Phishing” is the name of another label"),
        (Wish("rename", CALL, name=" "), "Write the new name"),
        (Wish("rename", CALL, name="Vishing"), "This changes nothing"),
        (Wish("merge", CALL, into=CALL), "cannot be merged into itself"),
        (Wish("merge", "Fraud / Nothing", into=CALL), "There is no label “Fraud / Nothing”"),
        (Wish("split", CALL, names=("Bank calls",)), "at least two parts"),
        (Wish("split", CALL, names=("Vishing", "Bank calls")), "A part cannot have the name of the whole"),
        (Wish("move", CALL, categories=("Fraud",)), "It stands there already"),
        (Wish("add", name="Vishing", categories=("Fraud",)), "There is a label “Fraud / Vishing” already"),
        (Wish("add", name="x" * 201, categories=("Fraud",)), "A label has 201 characters"),
        (Wish("retire", category="Nothing"), "There is no category “Nothing”"),
        (Wish("undo", undoes=99), "There is no such step"),
    ],
    ids=lambda value: value.kind if isinstance(value, Wish) else None,
)
def test_what_cannot_be_done_is_refused_in_words_and_leaves_nothing_behind(admin, paths, wish, why):
    for refused in (lambda: preview(wish), lambda: take(wish, by=admin)):
        with pytest.raises(TaxonomyRefused, match=why):
            refused()
    assert not TaxonomyStep.objects.exists()
    assert Path.objects.live().count() == 3


def test_names_that_were_once_given_are_not_given_to_something_else(paths, step):
    step("rename", CALL, name="Voice phishing")
    step("merge", TEXT, into=MAIL)
    with pytest.raises(TaxonomyRefused, match="“Vishing” was the name of another label"):
        step("add", name="Vishing", categories=("Fraud",))
    with pytest.raises(TaxonomyRefused, match="was merged, split or retired by an earlier step"):
        step("add", name="Smishing", categories=("Fraud",))
    step("rename", "Fraud / Voice phishing", name="Vishing")
    assert Path.objects.live().filter(key=CALL).exists()


def test_two_labels_cannot_be_merged_into_each_other(step, paths):
    step("merge", TEXT, into=MAIL)
    with pytest.raises(TaxonomyRefused, match="“Fraud / Smishing” is not in use any more"):
        step("merge", MAIL, into=TEXT)


def test_a_step_that_others_build_on_is_undone_after_them(paths, step):
    first = step("merge", TEXT, into=MAIL)
    second = step("merge", MAIL, into=CALL)
    with pytest.raises(TaxonomyRefused, match=f"Step {second.pk} changed the same labels since"):
        step("undo", undoes=first.pk)
    step("undo", undoes=second.pk)
    step("undo", undoes=first.pk)
    with pytest.raises(TaxonomyRefused, match="is undone already"):
        step("undo", undoes=first.pk)
    assert Path.objects.live().count() == 3


def test_an_undoing_can_be_undone(paths, step):
    undone = step("undo", undoes=step("merge", TEXT, into=MAIL).pk)
    step("undo", undoes=undone.pk)
    assert not Path.objects.live().filter(key=TEXT).exists()


def test_the_last_label_that_the_model_in_charge_knows_is_not_retired(paths, version, step):
    make_path("Attack", "Malware")
    step("retire", CALL)
    step("retire", MAIL)
    with pytest.raises(TaxonomyRefused, match="The model in charge knows no other label"):
        step("retire", TEXT)


def test_a_step_decided_on_an_old_preview_is_refused(admin, paths, step):
    wish = Wish("merge", TEXT, into=MAIL)
    seen = preview(wish)
    step("rename", CALL, name="Voice phishing")
    with pytest.raises(TaxonomyRefused, match="Somebody changed the taxonomy since this preview"):
        take(wish, by=admin, expected=seen.version)


def test_a_preview_counts_what_the_step_would_change_and_writes_nothing(paths, version):
    make_decided(paths[TEXT])
    make_decided(paths[CALL])
    predicted(version, [0.1, 0.8, 0.1])
    held = predicted(version, [0.1, 0.8, 0.1], status="in_review")
    Incident.objects.filter(pk=held.pk).update(status="in_review")
    seen = preview(Wish("merge", TEXT, into=MAIL))
    assert (seen.decided, seen.waiting, seen.in_review, seen.to_look_at) == (1, 2, 1, 0)
    assert [(one.label, one.state, one.reads_as) for one in seen.changes] == [(TEXT, "merged", MAIL)]
    assert (seen.asks_for_training, seen.by_champion) == (False, version.name)
    parts = preview(Wish("split", CALL, names=("Bank calls", "Police calls")))
    assert (parts.asks_for_training, parts.to_look_at) == (True, 1)
    assert list(parts.opens) == ["Fraud / Bank calls", "Fraud / Police calls"]
    assert Path.objects.count() == 3


def test_a_preview_counts_by_labels_and_not_by_their_names():
    both, attack, fraud = make_path(("Attack", "Fraud"), "Loan app"), make_path("Attack", "Call"), make_path("Fraud")
    call = make_path("Fraud", "Call")
    version = make_version(stage="champion")
    for decided in ([both], [attack], [attack, fraud], [fraud, call], [call]):
        incident = make_incident()
        make_prediction(incident, version, path_ids=[path.pk for path in decided])

    def waiting(label):
        return preview(Wish("retire", label)).waiting

    assert waiting("Attack or Fraud / Loan app") == 1
    assert waiting("Attack / Call") == 2
    assert waiting("Fraud / Call") == 2, "“Attack or Fraud / Call” is another two labels"
    assert waiting("Fraud") == 2
    assert preview(Wish("rename", category="Fraud", name="Swindle")).waiting == 4


def test_every_step_is_a_version_and_in_the_audit_log(admin, paths, step):
    before = current_version()
    taken = take(Wish("retire", CALL), by=admin, reason="Nobody used it.")
    after = current_version()
    assert (after.step, after.path_keys) == (taken, [MAIL, TEXT])
    assert after != before
    event = AuditEvent.objects.get(kind="taxonomy.retire")
    assert (event.actor, event.detail["step"]) == (admin, taken.pk)
    assert (taken.by, taken.reason) == (admin, "Nobody used it.")


def test_naming_the_version_takes_one_query(paths, step, django_assert_num_queries):
    step("retire", CALL)
    with django_assert_num_queries(1):
        current_version()


def test_a_dataset_after_a_merge_has_one_label_fewer_and_leaves_out_what_has_none(paths, step):
    make_path("Attack", "Malware")
    for key in (MAIL, TEXT, CALL):
        for number in range(2):
            make_decided(paths[key], text=f"Report {number} of {key}")
    assert len(freeze().path_ids) == 3
    step("merge", TEXT, into=MAIL)
    merged = freeze()
    assert (len(merged.path_ids), merged.rows.count()) == (2, 6)
    step(**split(("Bank calls", "Police calls")))
    assert (len(freeze().path_ids), freeze().rows.count()) == (1, 4)


def test_an_earlier_prediction_counts_from_the_taxonomy_that_it_was_made_in(paths, version, step):
    step("merge", TEXT, into=MAIL)
    incident = make_incident()
    make_prediction(
        incident,
        version,
        [0.3, 0.3, 0.4],
        path_ids=[paths[MAIL].pk],
        confidence=0.62,
        taxonomy_version=current_version(),
    )
    assert latest_prediction(incident).confidence == pytest.approx(0.62)
    step("retire", CALL)
    assert latest_prediction(incident).confidence > 0.99


def test_the_list_follows_once_more_what_was_decided_while_it_was_written(admin, paths, version, step):
    incident = predicted(version, [0.1, 0.2, 0.7])
    taken = step("rename", category="Fraud", name="Deceit")
    TaxonomyStep.objects.filter(pk=taken.pk).update(read_to=incident.pk)  # passed already, when it is decided
    assert reviewing.claim(incident, admin)
    reviewing.decide(incident, reviewer=admin, verdict="confirm", paths=[paths[CALL]])
    Incident.objects.filter(pk=incident.pk).update(standing_category="Fraud")
    work_off()
    incident.refresh_from_db()
    assert incident.standing_category == "Deceit"
    assert TaxonomyStep.objects.get(pk=taken.pk).read_at <= timezone.now()


def test_writing_the_list_twice_changes_nothing_and_a_row_that_is_right_is_not_written(
    paths, version, step, monkeypatch
):
    predicted(version, [0.1, 0.2, 0.7])
    step("rename", category="Fraud", name="Deceit")
    work_off()
    written = []
    monkeypatch.setattr(SearchDocument.objects, "write", lambda ids: written.extend(ids))
    step("rename", category="Deceit", name="Fraud")
    step("rename", category="Fraud", name="Deceit")
    work_off()
    assert written == []


def test_the_queries_of_a_report_do_not_grow_with_the_steps(paths, version, step, django_assert_max_num_queries):
    incident = predicted(version, [0.3, 0.3, 0.4])
    step("merge", TEXT, into=MAIL)
    for before, name in zip(("Phishing", "One", "Two"), ("One", "Two", "Three"), strict=True):
        step("rename", f"Fraud / {before}", name=name)
    with django_assert_max_num_queries(8):
        said(incident)
