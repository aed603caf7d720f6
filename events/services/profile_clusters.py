"""Detections that are like each other: clusters by what they say, named by the log template that they share."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from sklearn.cluster import HDBSCAN
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier.ml.themes import mean_likeness
from events.models import Detection, EventSource
from events.stream.templates_mask import WILD, masked

FEWEST = 5  # detections that can be told apart into clusters
SMALLEST = 3  # detections of a cluster
MOST = 2_000  # detections that are looked at, the newest ones
MOST_WORDS = 400
ALIKE = 0.3  # the least mean cosine between detections of a cluster
SHOWN_CAUSES = 3
TOO_FEW = _("There are {n} detections: clusters need at least 5.")
NONE_ALIKE = _("No three of the {n} detections are like each other.")


@dataclass(frozen=True)
class Cluster:
    """`share` of its detections have the template that names it (0 to 1), or the cause, where they have none.

    `causes` are its most frequent ones, `newest` is the number of its newest detection.
    """

    name: str
    share: float
    detections: int
    events: int
    entities: int
    open: int
    causes: tuple[str, ...]
    newest: int


@dataclass(frozen=True)
class Clusters:
    """`alone` are like no two others; `problem` says why there is no cluster."""

    detections: int
    clusters: tuple[Cluster, ...]
    alone: int
    problem: str = ""


def cluster_detections(source: EventSource) -> Clusters:
    """The newest ones of a source by HDBSCAN (Campello et al. 2013) over the words of cause, template and reasons."""
    found = list(source.detections.order_by("-pk")[:MOST])
    if len(found) < FEWEST:
        return Clusters(len(found), (), len(found), TOO_FEW.format(n=len(found)))
    of: dict[int, list[Detection]] = {}
    for detection, label in zip(found, _labels([_words(one) for one in found]), strict=True):
        of.setdefault(label, []).append(detection)
    alone = len(of.pop(-1, []))
    clusters = sorted(map(_cluster, of.values()), key=lambda one: (-one.detections, one.name))
    problem = "" if clusters else NONE_ALIKE.format(n=len(found))
    return Clusters(len(found), tuple(clusters), alone, problem)


def _words(detection: Detection) -> str:
    """Without values, so that detections of the same kind say the same."""
    reasons = [one for one in detection.explanation if isinstance(one, str)]
    return " ".join([detection.template, masked(" ".join([detection.cause, *reasons]))]).replace(WILD, " ")


def _labels(texts: Sequence[str]) -> list[int]:
    """A number of a cluster for each text; -1 for one that is alone."""
    if not any(text.strip() for text in texts):
        return [-1] * len(texts)
    weights = TfidfVectorizer(tokenizer=str.split, token_pattern=None, max_features=MOST_WORDS, sublinear_tf=True)
    vectors = weights.fit_transform(texts).toarray()
    found = HDBSCAN(min_cluster_size=SMALLEST, min_samples=1, allow_single_cluster=True, copy=True)
    labels = found.fit_predict(vectors)
    for label in set(labels.tolist()) - {-1}:
        if mean_likeness(vectors[labels == label]) < ALIKE:
            labels[labels == label] = -1
    return [max(label, -1) for label in labels.tolist()]


def _cluster(detections: Sequence[Detection]) -> Cluster:
    templates = Counter(one.template or one.cause for one in detections)
    name, named = min(templates.items(), key=lambda item: (-item[1], item[0]))
    causes = Counter(one.cause for one in detections).most_common(SHOWN_CAUSES)
    return Cluster(
        name=name,
        share=named / len(detections),
        detections=len(detections),
        events=sum(one.count for one in detections),
        entities=len({one.entity_id for one in detections}),
        open=sum(one.status == Detection.Status.OPEN for one in detections),
        causes=tuple(cause for cause, _ in causes),
        newest=max(one.pk for one in detections),
    )
