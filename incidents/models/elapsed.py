"""Time between two columns, as the databases themselves can keep it in a generated column."""

from typing import Any

from django.db import models
from django.db.models import Func


class SecondsBetween(Func):
    """Whole seconds from the first moment to the second; null where either is."""

    arity = 2
    output_field = models.BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(ROUND((julianday(%(end)s) - julianday(%(start)s)) * 86400) AS INTEGER)"
        return self._between(compiler, template)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._between(compiler, "CAST(ROUND(EXTRACT(EPOCH FROM (%(end)s - %(start)s))) AS BIGINT)")

    def _between(self, compiler: Any, template: str) -> Any:
        start, end = (compiler.compile(one) for one in self.source_expressions)
        return template % {"start": start[0], "end": end[0]}, (*end[1], *start[1])
