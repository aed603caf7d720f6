"""A site with a row of everything, made by builders, so that every page has something to show."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from classifier.ml.gate import GateRules, judge
from classifier.models import (
    Acceptance,
    Doubt,
    DoubtRun,
    DriftAlarm,
    ErasedLearning,
    ForceRequest,
    ImpactPreview,
    ModelVersion,
    Prediction,
    PromiseAlarm,
    Promotion,
    Refusal,
)
from classifier.models.version import DETECT
from events.models import LookupTable
from events.services.erasing import request_erasure
from incidents.models import (
    BulkRun,
    Comment,
    ImportBatch,
    Incident,
    Label,
    LegalHold,
    Notice,
    Observable,
    ProfileRun,
    ReporterMessage,
    SavedView,
    SecondOpinion,
    Theme,
    ThemeRun,
    User,
    Webhook,
)
from incidents.roles import ADMIN, ROLES, sync_roles
from incidents.services.import_runs import IMPORT
from incidents.services.legal_holds import hold_report
from incidents.services.profile import profile_database
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import (
    make_drift_look,
    make_evaluation,
    make_figures,
    make_held_out,
    make_incident,
    make_label,
    make_learning_run,
    make_outcomes,
    make_path,
    make_policy,
    make_prediction,
    make_promotion,
    make_run,
    make_user,
    make_version,
)
from tests.events.builders import make_dead_letter, make_detection, make_entity, make_events, make_source
from tests.events.filter_rows import make_filter
from tests.security.factors import make_factors
from workers.models import Job

Numbers = Mapping[str, Mapping[str, Any]]


def make_people() -> dict[str, User]:
    """One for each role, none of whom has to see the tour."""
    sync_roles()
    return {role: make_user(role, role=role, is_staff=role == ADMIN, is_superuser=role == ADMIN) for role in ROLES}


def make_world(people: Mapping[str, User]) -> Numbers:
    """What the addresses are of: the arguments of each, by its name."""
    paths = [make_path("Financial fraud", "Card fraud"), make_path("Hacking", "Account takeover"), make_path("Other")]
    version = make_version(stage="champion", name="classify-served")
    held_out = make_held_out(("Financial fraud", True, 0.99, 200), ("Hacking", False, 0.6, 30), ("Other", True, 0.9, 5))
    make_evaluation(version, outcomes=held_out.to_json())
    promotion = make_promotion(version)
    _policy(promotion)
    waiting = make_incident(title="Waiting", reporter=people["reporter"], severity=3)
    reading = make_prediction(waiting, version, [0.5, 0.3, 0.2])
    for text in ("Waits too", "One more"):
        make_prediction(make_incident(text=text), version, [0.8, 0.1, 0.1])
    decided = _decided(people, paths)
    _around(waiting, decided, people)
    numbers: dict[str, Mapping[str, Any]] = _desk(people, decided, paths) | _stream()
    numbers |= {"receipt": {"token": waiting.receipt_token}, "receipt-answered": {"token": decided.receipt_token}}
    for name in ("incident", "review-report", "incident-snooze", "merge"):
        numbers[name] = {"pk": waiting.pk}
    soon = timezone.now() + timedelta(minutes=10)
    held = make_incident(status="in_review", claimed_by=people["lead"], claim_expires_at=soon)
    numbers["review-report-held"] = {"pk": held.pk}
    numbers |= _taxonomy(people)
    numbers |= _erased(people, version)
    numbers |= _imports(people)
    challenger = make_version(name="classify-new")
    numbers |= _compared(version, challenger, paths)
    numbers |= _moves(people, version, challenger, waiting)
    numbers |= {"incident-decided": {"pk": decided.pk}, "model-version": {"pk": version.pk}}
    numbers |= {"model-promote": {"pk": challenger.pk}, "model-line": {"line": DETECT}}
    numbers |= {"model-drift-look": {"pk": _drift(promotion, reading)}}
    make_learning_run()
    key = make_factors(people["lead"])
    numbers |= {"mfa_edit_webauthn": {"pk": key.pk}, "mfa_remove_webauthn": {"pk": key.pk}}
    before = make_version(stage="previous", name="classify-before")
    numbers["model-compare-with-lacking"] = {"pk": challenger.pk, "other": before.pk}
    return numbers | {"training-run": {"pk": make_run(status="failed").pk}}


def _policy(promotion: Promotion) -> None:
    """One with a report that was accepted under it, an earlier one, and an alarm."""
    make_policy(promotion.version, auto_accept=False, costs={"Hacking": 10.0}, errors={"Other": 0.0})
    policy = make_policy(promotion.version)
    accepted = make_incident(title="Accepted")
    prediction = make_prediction(accepted, promotion.version, [0.96, 0.02, 0.02])
    Acceptance.objects.create(incident=accepted, prediction=prediction, policy=policy)
    Incident.objects.filter(pk=accepted.pk).update(status=Incident.Status.ACCEPTED)
    figures = {"promised": 0.9, "kept": 52, "reports": 64, "evidence": 31.0}
    PromiseAlarm.objects.create(kind="coverage", promotion=promotion, **figures)


def _drift(promotion: Promotion, reading: Prediction) -> int:
    """Two looks, one with an alarm, and an alarm that is over; the number of the last look."""
    words = [{"word": "parcel", "share": 0.2, "before": 0.01}]
    earlier = make_drift_look(promotion)
    fired = {"text": {"statistic": 0.02, "p": 0.002}}
    look = make_drift_look(promotion, [reading], tests=fired, words=words, unlike=[[reading.incident_id, 0.7]])
    DriftAlarm.objects.create(kind="text", look=look)
    settled = {"state": "acknowledged", "note": "A campaign.", "settled_at": timezone.now()}
    DriftAlarm.objects.create(kind="prediction", look=earlier, **settled)
    return look.pk


def _moves(
    people: Mapping[str, User], champion: ModelVersion, challenger: ModelVersion, waiting: Incident
) -> dict[str, Mapping[str, Any]]:
    """What was promoted, refused and asked for, and what a promotion would change."""
    verdict = judge(make_figures(0.5), make_figures(0.8), GateRules())
    refused = {"version": challenger, "champion": champion, "gate": verdict.to_json()}
    Refusal.objects.create(**refused, by=people["admin"], reason="Looks good")
    ForceRequest.objects.create(version=challenger, champion=champion, asked_by=people["admin"], reason="A court order")
    preview = ImpactPreview.objects.create(
        version=challenger,
        champion=champion,
        status=ImpactPreview.Status.DONE,
        finished_at=timezone.now(),
        figures=dict.fromkeys(("reports", "open", "changed", "open_changed", "judged", "blind_judged"), 1)
        | dict.fromkeys(("surer", "less_sure", "right_before", "right_after", "blind_right_before"), 0)
        | {"blind_right_after": 1},
        groups=[{"old": "Hacking", "new": "Other", "reports": 1, "examples": [waiting.pk]}],
    )
    champion.promotions.update(impact=preview)
    return {name: {"pk": challenger.pk} for name in ("model-impact", "model-card", "model-labels")}


def _compared(champion: ModelVersion, challenger: ModelVersion, paths: list[Any]) -> Numbers:
    """What both decided of the same test reports."""
    tested = [make_incident(text=f"Tested {number}", split="test") for number in range(40)]
    truths = [paths[number % 3] for number in range(40)]
    for one, right in ((challenger, 30), (champion, 22)):
        outcomes = make_outcomes(tested, truths, [*truths[:right], *paths[:1] * (40 - right)])
        make_evaluation(one, snapshot=challenger.snapshot, outcomes=outcomes)
    pair = {"pk": challenger.pk, "other": champion.pk}
    return {"model-compare-with": pair, "model-reports": {"pk": challenger.pk}}


def _decided(people: Mapping[str, User], paths: list[Any]) -> Incident:
    now = timezone.now()
    incident = make_incident(title="Decided", reporter=people["reporter"], status="decided", decided_at=now)
    label = make_label(incident, people["analyst"], paths[:1], seconds=12.0, suggested=[paths[1].pk], verdict="correct")
    Incident.objects.filter(pk=incident.pk).update(current_label=label, standing_category="Financial fraud")
    incident.refresh_from_db()
    return incident


def _around(waiting: Incident, decided: Incident, people: Mapping[str, User]) -> None:
    """What people say about a report and are told of it, and what stands in it."""
    Comment.objects.create(incident=waiting, author=people["analyst"], text="Look at **this**, @lead.")
    Comment.objects.create(incident=waiting, author=people["analyst"], text="When was it?", to_reporter=True)
    ReporterMessage.objects.create(incident=waiting, kind=ReporterMessage.Kind.FACTS, text="It was on Monday.")
    Observable.objects.create(incident=waiting, kind=Observable.Kind.IP, value="192.0.2.7")
    for person in people.values():
        Notice.objects.create(user=person, kind=Notice.Kind.COMMENT, incident=decided, by=people["analyst"])


def _desk(people: Mapping[str, User], decided: Incident, paths: list[Any]) -> dict[str, Mapping[str, Any]]:
    now = timezone.now()
    other = make_label(decided, people["lead"], paths[1:2], slot=Label.Slot.SECOND, seconds=20.0)
    dispute = SecondOpinion.objects.create(
        incident=decided, first=decided.current_label, second=other, state=SecondOpinion.State.DISPUTED
    )
    settled = _decided(people, paths)
    settled_rows = {"first": settled.current_label, "second": make_label(settled, people["lead"], paths[1:2], slot=2)}
    verdict = make_label(settled, people[ADMIN], paths[:1])
    over = SecondOpinion.objects.create(
        incident=settled, **settled_rows, state=SecondOpinion.State.ADJUDICATED, adjudication=verdict
    )
    Incident.objects.filter(pk=settled.pk).update(current_label=verdict)
    run = DoubtRun.objects.create(status="done", labels=90, finished_at=now)
    values = {"quality": 0.02, "probability": 0.9, "agreeing": 8, "neighbours": 10, "suggested": [paths[1].pk]}
    Doubt.objects.create(run=run, incident=decided, label=decided.current_label, **values)
    themes = ThemeRun.objects.create(status="done", reports=3, alone=1, finished_at=now)
    theme = Theme.objects.create(run=themes, name="bank, call, code")
    theme.incidents.set(Incident.objects.all())
    ProfileRun.objects.create(status="done", figures=profile_database().to_json(), finished_at=now)
    bulk = BulkRun.objects.create(by=people["analyst"], status="done", total=2, decided=2, finished_at=now)
    view = SavedView.objects.create(owner=people[ADMIN], name="Fraud", query="category=Financial+fraud", shared=True)
    hook = Webhook.objects.create(name="Ticketing", url="https://hooks.example/in", events=["filed"])
    rows = {
        "dispute": dispute,
        "dispute-settled": over,
        "theme": theme,
        "bulk-run": bulk,
        "saved-view": view,
        "webhook": hook,
    }
    return {name: {"pk": row.pk} for name, row in rows.items()}


def _imports(people: Mapping[str, User]) -> Numbers:
    """One that is done, one at work, one that failed, and one of the command line."""
    counts = {"rows": 1240, "taken": 1100, "merged": 60, "refused": 21, "unchanged": 59, "conflicts": 2}
    reasons = ["the taxonomy has no category “Parking”: add it", "The text is empty. Describe what happened."]
    refusals = [{"line": line, "reason": reasons[line % 5 == 0]} for line in range(7, 27)]
    figures = counts | {"decided": 900, "undecided": 200, "conflict_lines": [12, 40], "refusals": refusals}
    figures |= {"labels_created": {"categories": 1, "sub_categories": 3, "paths": 4}}
    options = {"create_labels": False, "group_column": "document", "label_names": ["Card Fraud or SIM Swap Fraud"]}
    by = {"by": people[ADMIN], "origin": "page", "options": options}
    done = {"status": "done", "figures": figures, "refused_file": "imports/none-refused", "finished_at": timezone.now()}
    trouble = "letters.csv: line 5 has 1,000,000 characters or more: is it a CSV file?"
    ImportBatch.objects.create(name="older.csv")
    rows = {
        "import-run": ImportBatch.objects.create(name="reports-of-2025.csv", **by, **done),
        "import-run-open": ImportBatch.objects.create(name="branch-offices.csv", **by, status="running"),
        "import-run-failed": ImportBatch.objects.create(name="letters.csv", **by, status="failed", trouble=trouble),
    }
    work = {"status": "running", "token": "t", "lease_until": timezone.now() + timedelta(days=1), "max_attempts": 5}
    progress = {"stage": "filing", "done": 1500, "of": 4000}
    opened = rows["import-run-open"].pk
    Job.objects.create(kind=IMPORT, object_id=opened, queue="desk", priority=2, progress=progress, **work)
    return {name: {"pk": row.pk} for name, row in rows.items()}


def _erased(people: Mapping[str, User], version: ModelVersion) -> Numbers:
    """What is held, what is erased, and what is being erased."""
    held, gone, going = (make_incident(title=title) for title in ("Held", "Gone", "Going"))
    hold_report(held, reason="A court has asked for it.", by=people["lead"])
    made = {
        "incident-erased": request_erasure([gone.pk], reason="The reporter asked for it", by=people[ADMIN]),
        "erasure-open": request_erasure([going.pk], reason="Filed by mistake", by=people[ADMIN]),
    }
    over = made["incident-erased"]
    over.state, over.stage, over.finished_at = "erased", "done", timezone.now()
    over.figures = {"texts": 2, "files": 1, "dataset_rows": 1, "reports": 1}
    over.save()
    ErasedLearning.objects.create(erasure=over, version=version, learned=1, tested=0, state="cleaned", ngrams=73)
    return {
        "incident-held": {"pk": held.pk},
        "incident-erased": {"pk": gone.pk},
        "erasure": {"pk": over.pk},
        "erasure-state": {"pk": made["erasure-open"].pk},
        "erasure-open": {"pk": made["erasure-open"].pk},
        "hold-lift": {"pk": LegalHold.objects.get().pk},
    }


def _taxonomy(people: Mapping[str, User]) -> dict[str, Mapping[str, Any]]:
    """A label that was split, and another that waits to be changed."""
    split = Wish("split", "Financial fraud / Card fraud", names=("Stolen cards", "Skimming"))
    step = take(split, by=people[ADMIN], reason="They are worked on by two teams.")
    label = make_path("Hacking", "Account takeover")
    category = label.categories.get()
    rows = {"taxonomy-label": label, "taxonomy-category": category, "taxonomy-step": step, "taxonomy-step-undo": step}
    numbers: dict[str, Mapping[str, Any]] = {name: {"pk": row.pk} for name, row in rows.items()}
    numbers["taxonomy-label-change"] = {"pk": label.pk, "kind": "retire"}
    return numbers | {"taxonomy-category-change": {"pk": category.pk, "kind": "rename"}}


def _stream() -> dict[str, Mapping[str, Any]]:
    source = make_source("web")
    entity = make_entity(source, "asha")
    detection = make_detection(entity, "unusual bytes", incident=make_incident(source="detection"))
    shared = {"fields": {"message": "Signed in"}, "decision": "ordinary", "entity": entity, "detection": detection}
    events = make_events(source, np.zeros((3, 1)), ["bytes"], **shared)
    make_dead_letter(source)
    LookupTable.objects.create(name="countries", kind="geo", format="csv", field="source.ip", rows=3)
    rows = {"source": source, "source-settings": source, "entity": entity, "record": events[0]}
    rows |= {"detection": detection, "filter": make_filter()}
    return {name: {"pk": row.pk} for name, row in rows.items()}
