"""Personal data that stands in reports is in no artefact, and in nothing that a model was given."""

from pathlib import Path

import numpy as np
import pytest

from classifier.ml import scratch
from classifier.ml.vocabulary import Tokenizer
from classifier.services import training
from classifier.services.classify import classify_batch
from classifier.services.explaining import explain_batch
from classifier.services.explanations import ask
from incidents.models import Incident, Setting, TextRevision
from tests.builders import make_incident
from tests.classifier.ml.shrunk import shrink
from tests.classifier.services.conftest import decide_reports, run_to_end
from workers import jobs, runner

pytestmark = pytest.mark.django_db
VALUES = "zorblax.quimby@markermail.example 4539578763621486 quimzor@okhdfcbank DE89370400440532013000 203.0.113.217"
# Beginnings that no other word of the reports has, as long as the longest n-grams of characters.
PIECES = ("zorbl", "quimb", "marke", "45395", "quimz", "de893", "20130", "203.0")


@pytest.fixture
def given(monkeypatch) -> list[str]:
    """Whatever a T5's vocabulary was trained from or was asked to spell, from here on."""
    texts: list[str] = []
    train, spell, spell_words = scratch.train_vocabulary, Tokenizer.encode, Tokenizer.encode_words
    monkeypatch.setattr(scratch, "train_vocabulary", lambda of, size: [texts.extend(of), train(of, size)][1])
    monkeypatch.setattr(Tokenizer, "encode", lambda self, of: [texts.extend(of), spell(self, of)][1])
    monkeypatch.setattr(
        Tokenizer, "encode_words", lambda self, of: [texts.extend(one.normal for one in of), spell_words(self, of)][1]
    )
    return texts


def test_no_model_can_repeat_what_stood_in_reports(home, given, monkeypatch) -> None:
    shrink(monkeypatch)
    Setting.objects.create(key="gate_min_reports", value=0)
    decide_reports()
    for revision in TextRevision.objects.all():
        TextRevision.objects.filter(pk=revision.pk).update(text=f"{revision.text} {VALUES}")
    run = run_to_end(training.request_training(base_model="small-scratch", options={"epochs": 1, "device": "cpu"}))
    waiting = make_incident(title=VALUES, text=f"the caller wanted a code {VALUES}")
    prediction = _predicted(waiting)
    _explained(prediction)
    assert len(given) > 200 and any("[EMAIL]" in text for text in given)
    assert _held("\n".join(given)) == []
    files = [path for path in Path(home).rglob("*") if path.is_file() and "sqlite" not in path.name]
    assert run.version.artefact in {path.parent for path in files}
    assert {str(path): _held(_content(path)) for path in files if _held(_content(path))} == {}


def _predicted(incident: Incident):
    jobs.enqueue("classify", incident.pk, queue="inference", priority=0)
    runner.run(jobs.claim("inference", worker="test", limits={"classify": jobs.Limit(batch=8)}), classify_batch)
    return incident.predictions.get()


def _explained(prediction) -> None:
    ask(prediction, priority=0)
    runner.run(jobs.claim("inference", worker="test", limits={"explain": jobs.Limit(batch=8)}), explain_batch)


def _held(content: str) -> list[str]:
    return [piece for piece in PIECES if piece in content.lower()]


def _content(path: Path) -> str:
    """What a file holds, also where it is packed: of arrays, those of words."""
    if path.suffix != ".npz":
        return path.read_bytes().decode("utf-8", "replace")
    with np.load(path) as arrays:
        words = [arrays[name].ravel() for name in arrays if arrays[name].dtype.kind in "US"]
    return "\n".join(str(word) for array in words for word in array)
