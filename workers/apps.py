"""The work itself: jobs, leases, workers."""

from django.apps import AppConfig

from workers import logs


class WorkersConfig(AppConfig):
    name = "workers"

    def ready(self) -> None:
        logs.configure()
