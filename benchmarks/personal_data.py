"""Is personal data found, and is what only looks like it left alone? Beside presidio-analyzer, by its patterns.

Each sentence holds one value of a known kind, or one near miss (`personal_samples.py`). A value counts as found when it
is masked whole, whatever it is taken for: nothing of it is left. Precision of a kind: which share of what was masked in
its name belongs to a value, over all sentences. Presidio runs with a blank English pipeline, as its language models
have to be downloaded, with every recogniser that it has for kinds of ours switched on; it knows no UPI ids.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from benchmarks.personal_samples import Sample, samples
from classifier.ml.personal import Kind, find
from incidents.demo.reports import generate_reports

NAME = "personal_data"
ABOUT = "personal data found in synthetic sentences, beside presidio-analyzer's patterns"
PER_KIND, QUICK, SEED, REPORTS = 400, 40, 8, 1_000  # seed 7 was looked at while the finder was written

Found = Sequence[tuple[int, int, str]]  # start, end, kind
Finder = Callable[[str], Found]

_PRESIDIO = {
    "EMAIL_ADDRESS": Kind.EMAIL, "PHONE_NUMBER": Kind.PHONE, "CREDIT_CARD": Kind.CARD, "IBAN_CODE": Kind.IBAN,
    "IP_ADDRESS": Kind.IP, "US_BANK_NUMBER": Kind.ACCOUNT, "US_SSN": Kind.NATIONAL_ID, "US_ITIN": Kind.NATIONAL_ID,
    "UK_NINO": Kind.NATIONAL_ID, "IN_PAN": Kind.NATIONAL_ID, "IN_AADHAAR": Kind.NATIONAL_ID, "ES_NIF": Kind.NATIONAL_ID,
    "ES_NIE": Kind.NATIONAL_ID, "DE_TAX_ID": Kind.NATIONAL_ID,
}  # fmt: skip


def run(quick: bool) -> dict[str, Any]:
    data = list(samples(QUICK if quick else PER_KIND, SEED))
    ways: dict[str, Finder] = {"ours": _ours}
    if presidio := _presidio():
        ways["presidio"] = presidio
    answers = {way: [finder(sample.text) for sample in data] for way, finder in ways.items()}
    return {
        "rows": [_row(kind, way, data, answers[way]) for kind in Kind for way in ways],
        "near misses": [{"way": way, **_left(data, answers[way])} for way in ways],
        "missed by form": {way: _missed(data, answers[way]) for way in ways},
        "speed": [{"way": way, **_speed(finder, quick)} for way, finder in ways.items()],
        "sentences": len(data),
        "note": "percent; precision of a kind over the sentences of all kinds and the near misses",
    }


def _ours(text: str) -> Found:
    return [(one.start, one.end, str(one.kind)) for one in find(text)]


def _presidio() -> Finder | None:
    """None where it is not installed."""
    try:
        import spacy
        import tldextract.tldextract
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
    except ImportError:
        return None
    # Else it asks the network for the list of public suffixes, once for each e-mail address.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
    engine = SpacyNlpEngine()
    engine.nlp = {"en": spacy.blank("en")}
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    registry.remove_recognizer("SpacyRecognizer")
    for recogniser in _switched_on():
        registry.add_recognizer(recogniser)
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    wanted = [name for name in _PRESIDIO if name in analyzer.get_supported_entities("en")]

    def found(text: str) -> Found:
        results = analyzer.analyze(text, language="en", entities=wanted)
        return [(one.start, one.end, str(_PRESIDIO[one.entity_type])) for one in results]

    return found


def _switched_on() -> Iterable[Any]:
    """Its recognisers of states' ids, which it loads for their own languages alone or not at all."""
    from presidio_analyzer import predefined_recognizers as ready

    names = ("InPanRecognizer", "InAadhaarRecognizer", "UkNinoRecognizer", "EsNifRecognizer", "EsNieRecognizer",
             "DeTaxIdRecognizer")  # fmt: skip
    return [getattr(ready, name)(supported_language="en") for name in names if hasattr(ready, name)]


def _row(kind: Kind, way: str, data: Sequence[Sample], answers: Sequence[Found]) -> dict[str, Any]:
    mine = [place for place, sample in enumerate(data) if sample.kind == kind]
    whole = sum(_is_whole(data[place], answers[place]) for place in mine)
    named = sum(any(one[2] == kind and _touches(one, data[place]) for one in answers[place]) for place in mine)
    masked = [(one, sample) for found, sample in zip(answers, data, strict=True) for one in found if one[2] == kind]
    right = sum(sample.kind is not None and _touches(one, sample) for one, sample in masked)
    return {
        "kind": str(kind),
        "way": way,
        "recall": round(100 * whole / len(mine), 1),
        "by its name": round(100 * named / len(mine), 1),
        "precision": round(100 * right / len(masked), 1) if masked else None,
    }


def _is_whole(sample: Sample, found: Found) -> bool:
    """Whether nothing of the value is left, but signs between its parts."""
    left = sample.value
    for start, end, _ in found:
        first, last = max(start - sample.start, 0), max(end - sample.start, 0)
        left = left[:first] + "-" * (min(last, len(left)) - first) + left[last:] if first < last else left
    return not any(sign.isalnum() for sign in left)


def _touches(found: tuple[int, int, str], sample: Sample) -> bool:
    return found[0] < sample.end and sample.start < found[1]


def _left(data: Sequence[Sample], answers: Sequence[Found]) -> dict[str, Any]:
    near = [(sample, found) for sample, found in zip(data, answers, strict=True) if sample.kind is None]
    wrong: dict[str, int] = {}
    for sample, found in near:
        wrong[sample.form] = wrong.get(sample.form, 0) + bool(found)
    touched = sum(wrong.values())
    return {"sentences": len(near), "left alone": round(100 * (1 - touched / len(near)), 1), "touched": wrong}


def _missed(data: Sequence[Sample], answers: Sequence[Found]) -> dict[str, int]:
    missed: dict[str, int] = {}
    for sample, found in zip(data, answers, strict=True):
        if sample.kind and not _is_whole(sample, found):
            missed[f"{sample.kind}: {sample.form}"] = missed.get(f"{sample.kind}: {sample.form}", 0) + 1
    return missed


def _speed(finder: Finder, quick: bool) -> dict[str, float]:
    """Milliseconds a report of the demonstration, of a third of a page."""
    texts = [report.text for report in generate_reports(60 if quick else REPORTS, seed=5)]
    started = time.process_time()
    for text in texts:
        finder(text)
    return {"milliseconds a report": round(1000 * (time.process_time() - started) / len(texts), 3)}
