"""The work itself: jobs, leases, workers."""

from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "workers"
