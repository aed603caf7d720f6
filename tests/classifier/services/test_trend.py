"""How the versions of a line have done."""

from datetime import timedelta

import pytest
from django.utils import timezone

from classifier.services.charts import reliability_chart, trend_chart
from classifier.services.trend import trend
from tests.builders import make_evaluation, make_figures, make_snapshot, make_version
from tests.classifier.lines import make_detector

pytestmark = pytest.mark.django_db


def version(train, accuracy, days=0, **overrides):
    snapshot = make_snapshot(counts={"train": train, "test": 200})
    made = make_version(snapshot=snapshot, created_at=timezone.now() - timedelta(days=days), **overrides)
    make_evaluation(made, figures=make_figures(accuracy))
    return made


def test_versions_come_by_training_reports_with_their_intervals():
    large, small = version(900, 0.8), version(100, 0.6)
    points = trend("classify")
    assert [point.id for point in points] == [small.pk, large.pk]
    assert (points[1].accuracy.value, points[1].macro_f1) == (0.8, pytest.approx(0.75))
    assert points[1].accuracy.low < 0.8 < points[1].accuracy.high
    assert (points[1].training_reports, points[1].test_reports) == (900, 200)


def test_only_served_figures_on_the_own_dataset_count(caseloop_home):
    one = version(100, 0.6)
    make_evaluation(one, "linear", figures=make_figures(0.9))
    make_evaluation(one, snapshot=make_snapshot(), figures=make_figures(0.1))
    make_detector()
    make_version()
    assert [point.accuracy.value for point in trend("classify")] == [0.6]


def test_a_line_without_versions_has_no_trend():
    assert trend("classify") == []
    assert trend_chart([], by_date=True).marks == []


def test_the_chart_goes_up_with_accuracy_and_right_with_reports_or_days():
    version(1000, 0.8, days=9, name="first"), version(500, 0.9, days=1, name="second", stage="champion")
    by_reports, by_date = (trend_chart(trend("classify"), by_date=by_date) for by_date in (False, True))
    assert [mark.words.split(":")[0] for mark in by_reports.marks] == ["second", "first"]
    assert [mark.words.split(":")[0] for mark in by_date.marks] == ["first", "second"]
    for chart in (by_reports, by_date):
        places = [float(mark.x) for mark in chart.marks]
        assert places == sorted(places)
        assert all(chart.left <= place <= chart.right for place in places)
        assert all(float(mark.high) < float(mark.y) < float(mark.low) for mark in chart.marks)
    heights = {mark.words.split(":")[0]: float(mark.y) for mark in by_date.marks}
    assert heights["second"] < heights["first"]
    assert [mark.strong for mark in by_date.marks] == [False, True]


def test_one_version_alone_stands_in_the_middle_of_its_day():
    version(100, 0.6)
    chart = trend_chart(trend("classify"), by_date=True)
    assert len(chart.across) == 1
    assert chart.left < float(chart.marks[0].x) < chart.right


def test_numbers_of_charts_are_written_for_svg_in_every_language(settings):
    version(1234, 0.61)
    settings.LANGUAGE_CODE = "de"
    chart = trend_chart(trend("classify"), by_date=False)
    assert "," not in chart.marks[0].x + chart.marks[0].y
    assert reliability_chart([]).line == ""
