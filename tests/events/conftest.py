"""What tests of the stream share."""

import pytest

from events.services import detectors, enrichment, ingest
from events.services.filters import look_again


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Processes remember rules, aggregates, templates, detectors and tables; the rows of the last test are gone."""
    look_again()
    ingest.forget()
    detectors.forget()
    enrichment.forget()
