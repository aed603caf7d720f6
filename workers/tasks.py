"""The table of the work: which service does which kind of job, in which queue, how many at once."""

from datetime import timedelta

from classifier import registry
from classifier.services.anomaly import build_anomaly_set
from classifier.services.classify import ChampionUnusable, classify_batch
from classifier.services.doubts import find_doubts
from classifier.services.drift_reference import read_reference
from classifier.services.evaluation import compare_challengers
from classifier.services.explaining import explain_batch
from classifier.services.impact import preview_impact
from classifier.services.in_charge import make_replay
from classifier.services.int8 import measure_int8
from classifier.services.learning import measure_learning
from classifier.services.pair_runs import measure_pair
from classifier.services.report_drift import measure_drift
from classifier.services.rereading import reread
from classifier.services.shadow import score_in_shadow
from classifier.store import ArtifactUnreachable
from events.services import erasing
from events.services.answers import judge_threats
from events.services.detector_drift import check_drift
from events.services.effects import apply_verdicts
from events.services.inbox import process_inbox
from events.services.polling import poll_source
from events.services.report_retention import erase_due
from events.services.retention import forget_events
from events.services.training import run_training
from incidents.services import audit_runs, bulk, decision_news, import_runs, webhooks
from incidents.services.drift_news import tell_drift
from incidents.services.notice_mail import send_notices
from incidents.services.observables import find_in_chunk, find_in_reports
from incidents.services.profile_runs import measure_profile
from incidents.services.promise_news import tell_promise
from incidents.services.themes import find_themes
from incidents.services.webhook_delivery import deliver
from workers.drain import HANDLERS, Handler
from workers.forgetting import forget_leftovers
from workers.jobs import Limit
from workers.lifecycle import SERVING, Serving
from workers.runner import AWAY

INFERENCE, TRAINING, EVENTS, DESK, ANALYSIS = "inference", "training", "events", "desk", "analysis"

HANDLERS.update(
    classify=Handler(classify_batch, INFERENCE, Limit(batch=64)),
    explain=Handler(explain_batch, INFERENCE, Limit(batch=8)),
    judge_threat=Handler(judge_threats, INFERENCE, Limit(batch=64)),
    embed=Handler(build_anomaly_set, INFERENCE),
    compare=Handler(compare_challengers, INFERENCE),
    measure_int8=Handler(measure_int8, INFERENCE),
    read_drift_reference=Handler(read_reference, INFERENCE),
    impact=Handler(preview_impact, INFERENCE, Limit(lease=timedelta(seconds=120))),
    shadow=Handler(score_in_shadow, INFERENCE, Limit(batch=64)),
    replay=Handler(make_replay, INFERENCE, Limit(batch=8)),
    measure_pair=Handler(measure_pair, INFERENCE),
    ingest=Handler(process_inbox, EVENTS),
    poll=Handler(poll_source, EVENTS),
    verdict_effects=Handler(apply_verdicts, EVENTS),
    check_drift=Handler(check_drift, EVENTS),
    forget_events=Handler(forget_events, EVENTS),
    bulk=Handler(bulk.carry_out, DESK),
    bulk_revert=Handler(bulk.take_back, DESK),
    import_reports=Handler(import_runs.carry_out, DESK),
    find_observables=Handler(find_in_reports, DESK, Limit(batch=16)),
    find_observables_in_chunk=Handler(find_in_chunk, DESK),
    mail_notice=Handler(send_notices, DESK, Limit(batch=20)),
    deliver_webhook=Handler(deliver, DESK, Limit(batch=20)),
    tell_decided=Handler(decision_news.tell_decided, DESK, Limit(batch=50)),
    tell_predicted=Handler(webhooks.tell_predicted, DESK, Limit(batch=250)),
    tell_trained=Handler(webhooks.tell_trained, DESK),
    tell_promoted=Handler(webhooks.tell_promoted, DESK),
    tell_drift=Handler(tell_drift, DESK),
    tell_promise=Handler(tell_promise, DESK),
    erase=Handler(erasing.carry_out, DESK, Limit(lease=timedelta(seconds=120))),
    retention=Handler(erase_due, DESK, Limit(lease=timedelta(seconds=120))),
    forget_leftovers=Handler(forget_leftovers, DESK),
    reread=Handler(reread, DESK, Limit(lease=timedelta(seconds=120))),
    verify_audit=Handler(audit_runs.check_chain, ANALYSIS, Limit(lease=timedelta(seconds=120))),
    measure_drift=Handler(measure_drift, ANALYSIS, Limit(lease=timedelta(seconds=120))),
    find_doubts=Handler(find_doubts, ANALYSIS, Limit(lease=timedelta(seconds=120))),
    measure_learning=Handler(measure_learning, ANALYSIS, Limit(lease=timedelta(seconds=120))),
    find_themes=Handler(find_themes, ANALYSIS, Limit(lease=timedelta(seconds=120))),
    measure_profile=Handler(measure_profile, ANALYSIS, Limit(lease=timedelta(seconds=120))),
    train=Handler(run_training, TRAINING, Limit(lease=timedelta(seconds=180))),
)


AWAY.update({ArtifactUnreachable, ChampionUnusable})


def load_champion() -> str:
    """Load the champion and run it once; the device it runs on, "" where there is no champion."""
    if not registry.warm():
        return ""
    import torch  # in a worker's child only

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


def champion_name() -> str:
    champion = registry.champion()
    return champion.name if champion else ""


SERVING[INFERENCE] = Serving(load_champion, champion_name)
