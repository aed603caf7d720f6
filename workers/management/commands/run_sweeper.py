"""`manage.py run_sweeper`: requeue what lost workers held, ring queues again, every 10 s."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from workers import sweeper


class Command(BaseCommand):
    help = "Requeue what lost workers held and ring waiting queues again, every 10 s, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            sweeper.sweep()
            return
        stop = Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        sweeper.run(stop)
