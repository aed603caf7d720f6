"""The benchmark of the review page, the whole of it where long tests run."""

import pytest

from benchmarks import review_page


@pytest.mark.long
def test_a_quick_run_drives_a_browser_and_times_each_step():
    for row in review_page.run(quick=True)["rows"]:
        assert row["decisions a minute"] > 0
        assert all(value > 0 for name, value in row.items() if name.endswith("ms"))
