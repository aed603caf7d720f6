"""What tests of the stream share."""

import pytest

from events.services.filters import look_again


@pytest.fixture(autouse=True)
def _rules_anew() -> None:
    """The rules in force are kept by the process for a second; the rows of the last test are gone."""
    look_again()
