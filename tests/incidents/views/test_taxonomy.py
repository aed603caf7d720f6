import pytest
from django.urls import reverse

from incidents.models import AuditEvent, Incident, Path, SubCategory, TaxonomyStep
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import make_decided, make_incident, make_path, make_prediction, make_user, make_version
from tests.incidents.desk import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    user = make_user(role="admin")
    client.force_login(user)
    return user


@pytest.fixture
def vishing():
    make_path("Fraud", "Phishing")
    return make_path("Fraud", "Vishing")


def words(response):
    return " ".join(response.content.decode().split())


def change(path, kind):
    return reverse("taxonomy-label-change", args=[path.pk, kind])


def confirmed(client, address, **asked):
    """The preview, and the step taken by its button."""
    seen = client.get(address, asked)
    version = seen.context["preview"].version
    return client.post(address, asked | {"expected": version, "reason": "Agreed."})


def test_without_a_label_the_page_says_what_to_do(client, admin):
    assert "There is no label yet" in words(client.get(reverse("taxonomy")))


def test_the_tree_tells_what_is_decided_and_suggested(client, admin, vishing):
    make_decided(vishing)
    make_prediction(make_incident(), make_version(stage="champion"), [0.2, 0.8])
    page = words(client.get(reverse("taxonomy")))
    assert "1 decision · suggested for 1 report that waits" in page
    assert "No step has been taken yet" in page


def test_a_merge_is_shown_before_it_is_taken(client, admin, vishing):
    make_decided(vishing)
    address, into = change(vishing, "merge"), Path.objects.get(key="Fraud / Phishing").pk
    page = words(client.get(address, {"into": into}))
    assert "<strong>Fraud / Vishing</strong> reads as <strong>Fraud / Phishing</strong>." in page
    assert not TaxonomyStep.objects.exists()
    response = confirmed(client, address, into=into)
    step = TaxonomyStep.objects.get()
    assert response["Location"] == reverse("taxonomy-step", args=[step.pk])
    assert (step.kind, step.by, step.reason) == ("merge", admin, "Agreed.")
    assert "“Fraud / Vishing” merged into “Fraud / Phishing”" in words(client.get(response["Location"]))


@pytest.mark.parametrize(
    ("kind", "asked", "says"),
    [
        ("rename", {"name": "Calls"}, "<strong>Vishing</strong> is called <strong>Calls</strong> from then on."),
        ("split", {"names": "Bank\r\nPolice"}, "No model knows the new labels."),
        ("retire", {}, "<strong>Fraud / Vishing</strong> reads as nothing."),
    ],
)
def test_each_kind_says_what_it_would_change_and_is_taken_by_the_button(client, admin, vishing, kind, asked, says):
    assert says in words(client.get(change(vishing, kind), asked))
    assert confirmed(client, change(vishing, kind), **asked).status_code == 302
    assert TaxonomyStep.objects.get().kind == kind


def test_a_label_is_moved_and_added_and_a_category_renamed(client, admin, vishing):
    attack = make_path("Attack").categories.get()
    confirmed(client, change(vishing, "move"), categories=[attack.pk])
    confirmed(client, reverse("taxonomy-add"), new_category="Loss", name="Theft")
    confirmed(client, reverse("taxonomy-category-change", args=[attack.pk, "rename"]), name="Assault")
    assert sorted(Path.objects.live().values_list("key", flat=True)) == [
        "Assault", "Assault / Vishing", "Fraud / Phishing", "Loss / Theft",
    ]  # fmt: skip


def test_what_cannot_be_done_is_said_beside_what_was_asked(client, admin, vishing):
    page = words(client.get(change(vishing, "rename"), {"name": "Phishing"}))
    assert "“Phishing” is the name of another label: choose another name, or merge the two." in page
    assert 'value="Phishing"' in page
    assert "Take this step" not in page


def test_a_label_that_went_while_the_page_was_open_is_told(client, admin, vishing):
    take(Wish("retire", "Fraud / Vishing"), by=admin)
    for address in (change(vishing, "rename"), reverse("taxonomy-label", args=[vishing.pk])):
        page = words(client.get(address, follow=True))
        assert "“Fraud / Vishing” was retired meanwhile: choose another label." in page


def test_a_step_is_not_taken_on_a_preview_of_before(client, admin, vishing):
    address = change(vishing, "retire")
    version = client.get(address).context["preview"].version
    take(Wish("rename", "Fraud / Phishing", name="Mails"), by=admin)
    response = client.post(address, {"expected": version})
    assert "Somebody changed the taxonomy since this preview" in words(response)
    assert TaxonomyStep.objects.count() == 1


def test_a_step_is_undone_from_its_page(client, admin, vishing):
    step = take(Wish("retire", "Fraud / Vishing"), by=admin)
    undo = reverse("taxonomy-step-undo", args=[step.pk])
    assert undo in words(client.get(reverse("taxonomy-step", args=[step.pk])))
    assert "<strong>Fraud / Vishing</strong> is in use again." in words(client.get(undo))
    confirmed(client, undo)
    assert Path.objects.live().count() == 2
    page = words(client.get(reverse("taxonomy")))
    assert "<s>“Fraud / Vishing” retired</s>" in page
    assert f"Step {step.pk} undone: “Fraud / Vishing” retired" in page


def test_the_step_says_while_the_list_follows_and_when_that_failed(client, admin, vishing):
    make_incident()
    step = take(Wish("retire", "Fraud / Vishing"), by=admin)
    page, state = reverse("taxonomy-step", args=[step.pk]), reverse("taxonomy-step-state", args=[step.pk])
    assert "The list of reports follows." in words(client.get(page))
    assert client.get(state).status_code == 200
    work_off()
    assert client.get(state).status_code == 286
    assert "The list of reports follows." not in words(client.get(page)).replace("is taken. The list", "")


def test_the_reports_of_a_split_are_gone_through_in_the_review(client, admin, vishing):
    reports = [make_decided(vishing, text=f"Call {number}") for number in range(2)]
    make_decided(Path.objects.get(key="Fraud / Phishing"))
    confirmed(client, change(vishing, "split"), names="Bank\nPolice")
    step = TaxonomyStep.objects.get()
    work_off()
    look = f"status=decided&look={step.pk}"
    listed = words(client.get(f"{reverse('queue')}?{look}"))
    assert "2 reports" in listed
    assert f"To look at after step {step.pk} of the taxonomy" in listed
    part, seen = Path.objects.get(key="Fraud / Bank"), []
    for _ in reports:
        response = client.get(f"{reverse('review')}?{look}", follow=True)
        incident = response.context["page"].incident
        assert "which was split since. Choose the part that fits." in words(response)
        assert not any(choice.chosen for choice in response.context["page"].choices)
        assert [group.category.name for group in response.context["page"].tree if group.open] == ["Fraud"]
        seen.append(incident.pk)
        form = {"verdict": "correct", "paths": [part.pk], "revision": incident.current_text_id}
        client.post(
            f"{reverse('review-report', args=[incident.pk])}?{look}", form | {"stood": incident.current_label_id}
        )
    assert sorted(seen) == [one.pk for one in reports]
    assert "No report is left to be looked at." in words(client.get(reverse("taxonomy-step", args=[step.pk])))
    assert Incident.objects.filter(status="decided").count() == 3


def test_a_label_merged_while_its_report_is_open_is_told_when_the_report_is_decided(client, admin, vishing):
    incident = make_incident(status="classified")
    page = client.get(reverse("review-report", args=[incident.pk]))
    assert vishing in [choice.path for choice in page.context["page"].choices]
    take(Wish("merge", "Fraud / Vishing", into="Fraud / Phishing"), by=admin)
    form = {"verdict": "confirm", "paths": [vishing.pk], "revision": incident.current_text_id}
    response = client.post(reverse("review-report", args=[incident.pk]), form)
    assert "A label that you chose is there no more" in words(response)
    assert [choice.path.key for choice in response.context["page"].choices] == ["Fraud / Phishing"]
    incident.refresh_from_db()
    assert incident.current_label is None


def test_a_suggestion_that_was_merged_while_its_report_is_open_is_confirmed_by_what_it_became(client, admin, vishing):
    incident = make_incident()
    shown = make_prediction(incident, make_version(stage="champion"), [0.2, 0.8])
    client.get(reverse("review-report", args=[incident.pk]))
    take(Wish("merge", "Fraud / Vishing", into="Fraud / Phishing"), by=admin)
    into = Path.objects.get(key="Fraud / Phishing").pk
    form = {"verdict": "confirm", "paths": [into], "revision": incident.current_text_id, "shown": shown.pk}
    client.post(reverse("review-report", args=[incident.pk]), form)
    incident.refresh_from_db()
    assert (incident.current_label.verdict, incident.current_label.suggested) == ("confirm", [into])


def test_a_prediction_of_a_split_label_suggests_its_category_and_nothing_is_ticked(client, admin, vishing):
    incident = make_incident()
    make_prediction(incident, make_version(stage="champion"), [0.2, 0.8])
    take(Wish("split", "Fraud / Vishing", names=("Bank", "Police")), by=admin)
    page = client.get(reverse("review-report", args=[incident.pk])).context["page"]
    assert page.backed_off.name == "Fraud"
    assert page.outcome == "ask"
    assert sorted(choice.path.key for choice in page.choices) == ["Fraud / Bank", "Fraud / Phishing", "Fraud / Police"]


def test_a_decision_says_in_which_words_it_was_given(client, admin, vishing):
    incident = make_decided(vishing)
    take(Wish("merge", "Fraud / Vishing", into="Fraud / Phishing"), by=admin)
    page = words(client.get(reverse("incident", args=[incident.pk]), {"tab": "history"}))
    assert "Said as “Fraud / Vishing”, which reads so today." in page


def test_what_lay_on_a_retired_label_is_told_with_the_prediction(client, admin, vishing):
    incident, version = make_incident(), make_version(stage="champion")
    possible = {"candidate_ids": version.snapshot.path_ids, "candidate_categories": ["Fraud"], "coverage": 0.9}
    make_prediction(incident, version, [0.25, 0.75], **possible)
    take(Wish("retire", "Fraud / Vishing"), by=admin)
    told = "75 % of it was given to labels that were retired since, and is shared out among the others."
    assert told in words(client.get(reverse("review-report", args=[incident.pk])))
    take(Wish("rename", category="Fraud", name="Deceit"), by=admin)
    page = client.get(reverse("incident", args=[incident.pk]), {"tab": "predictions"})
    assert told in words(page)
    assert page.context["page"].predictions[0].candidate_categories == ["Deceit"]


def test_a_list_that_was_saved_under_a_former_name_shows_its_reports(client, admin, vishing):
    make_decided(vishing)
    take(Wish("rename", category="Fraud", name="Deceit"), by=admin)
    work_off()
    page = client.get(reverse("queue"), {"status": "decided", "category": "Fraud"})
    assert "1 report" in words(page)
    assert "There is no category of that name" not in words(page)


def test_the_guide_of_a_label_is_written_here_and_read_there(client, admin, vishing):
    address = reverse("taxonomy-label", args=[vishing.pk])
    client.post(address, {"guide": "By telephone.", "examples": "A caller asked.\n\nAnother one."})
    entry = SubCategory.objects.get(name="Vishing")
    assert (entry.guide, entry.examples) == ("By telephone.", ["A caller asked.", "Another one."])
    assert AuditEvent.objects.get(kind="taxonomy.guide_written").actor == admin
    assert "By telephone." in words(client.get(reverse("guide")))
    take(Wish("retire", "Fraud / Vishing"), by=admin)
    assert "By telephone." not in words(client.get(reverse("guide")))


def test_an_analyst_looks_and_only_an_admin_changes(client, vishing):
    step = take(Wish("rename", "Fraud / Phishing", name="Mails"), by=make_user(role="admin"))
    client.force_login(make_user(role="analyst"))
    page = words(client.get(reverse("taxonomy")))
    assert change(vishing, "merge")[:20] not in page
    assert client.get(reverse("taxonomy-step", args=[step.pk])).status_code == 200
    assert client.get(change(vishing, "retire")).status_code == 403
    assert client.post(change(vishing, "retire"), {"expected": 1}).status_code == 403
    assert client.get(reverse("taxonomy-add")).status_code == 403
    assert client.post(reverse("taxonomy-step-undo", args=[step.pk])).status_code == 403
    client.force_login(make_user())
    assert client.get(reverse("taxonomy")).status_code == 403


def test_addresses_of_nothing_are_not_found(client, admin, vishing):
    assert client.get(change(vishing, "explode")).status_code == 404
    assert client.get(reverse("taxonomy-step", args=[99])).status_code == 404
    assert "There is no such step of the taxonomy." in words(client.get(f"{reverse('queue')}?status=decided&look=99"))
    assert client.get(f"{reverse('queue')}?look=%00").status_code == 200


def test_the_queries_of_the_page_do_not_grow(client, admin, vishing, django_assert_max_num_queries):
    for number in range(12):
        make_decided(make_path("Fraud", f"Kind {number}"))
        take(Wish("retire", f"Fraud / Kind {number}"), by=admin)
    with django_assert_max_num_queries(32):
        assert client.get(reverse("taxonomy")).status_code == 200
