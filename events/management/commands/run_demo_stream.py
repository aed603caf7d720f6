"""`manage.py run_demo_stream`: sends synthetic events until it is told to stop."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from events.services.demo import stream


class Command(BaseCommand):
    help = "Send synthetic events with planted attacks to the source synthetic-sessions until told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        stream(stop)
