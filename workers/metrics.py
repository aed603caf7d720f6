"""Figures for Prometheus, read from the rows at each scrape: any web process gives the same answer."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from workers import status
from workers.models import Job


class WorkCollector(Collector):
    """Jobs by kind and status, age of the oldest queued job, workers seen."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        jobs = GaugeMetricFamily("caseloop_jobs", "Jobs by kind and status", labels=["kind", "status"])
        for (kind, state), count in sorted(Job.objects.counts().items()):
            jobs.add_metric([kind, state.value], count)
        yield jobs
        age = GaugeMetricFamily(
            "caseloop_queue_age_seconds", "Seconds that the oldest queued job has waited", labels=["queue"]
        )
        seen = GaugeMetricFamily("caseloop_workers_seen", "Workers heard of within 30 seconds", labels=["queue"])
        workers = status.workers()
        for queue in status.queues():
            age.add_metric([queue.name], queue.oldest_seconds or 0.0)
            seen.add_metric([queue.name], sum(one.seen for one in workers if one.queue == queue.name))
        yield age
        yield seen


registry = CollectorRegistry()
registry.register(WorkCollector())


def text() -> bytes:
    """The page that Prometheus reads (text format 1.0.0)."""
    page: bytes = generate_latest(registry)
    return page
