import re
from collections import Counter
from itertools import islice

import pytest

from incidents.demo.reports import SyntheticReport, generate_reports
from incidents.demo.taxonomy import load_taxonomy

HINDI = {"hai", "hain", "ne", "ka", "ki", "ke", "ko", "ho", "gaya", "gaye", "mera", "mere", "meri", "kisi", "koi"}
HINDI |= {"aur", "kar", "karke", "nahi", "maine", "mujhe"}
N = 2000


@pytest.fixture(scope="module")
def reports() -> list[SyntheticReport]:
    return list(generate_reports(N, seed=3))


def in_romanised_hindi(report: SyntheticReport) -> bool:
    return len(HINDI & set(re.findall("[a-z]+", report.text.lower()))) >= 3


def test_the_same_seed_gives_the_same_reports(reports):
    assert list(islice(generate_reports(N, seed=3), 300)) == reports[:300]


def test_another_seed_gives_other_reports(reports):
    others = {report.text for report in generate_reports(N, seed=4)}
    assert sum(report.text in others for report in reports) < N * 0.02


def test_no_two_reports_are_alike_whatever_the_case_and_the_blanks(reports):
    assert len({" ".join(report.text.lower().split()) for report in reports}) == len(reports) == N


def test_every_path_has_twenty_reports_and_no_report_another_label(reports):
    counts = Counter(row for report in reports for row in report.rows)
    assert counts.keys() == set(load_taxonomy().rows)
    assert min(counts.values()) >= 20


def test_financial_fraud_is_about_half(reports):
    financial = sum(report.rows[0][0] == "Online Financial Fraud" for report in reports)
    assert 0.45 < financial / N < 0.6


def test_about_six_in_a_hundred_carry_two_different_labels(reports):
    assert Counter(len(set(report.rows)) for report in reports) == {1: 1880, 2: 120}


def test_about_eight_in_a_hundred_are_in_romanised_hindi(reports):
    assert 0.05 < sum(map(in_romanised_hindi, reports)) / N < 0.11


def test_lengths_run_from_one_line_to_a_page(reports):
    lengths = sorted(len(report.text.split()) for report in reports)
    assert lengths[N // 20] < 15 < lengths[N // 4] < 50 < lengths[N // 2] < 100 < lengths[-N // 10]
    assert 300 < lengths[-1] <= 650


def test_every_pattern_is_filled(reports):
    assert not [report for report in reports if re.search(r"[\[\]{}|]|  ", report.text + report.title)]


def test_titles_are_short_and_never_empty(reports):
    assert all(3 < len(report.title) <= 100 for report in reports)


def test_phone_numbers_are_reserved_ones(reports):
    numbers = [number for report in reports for number in re.findall(r"\+\d[\d ]{8,}\d", report.text)]
    assert numbers
    assert all(re.fullmatch(r"\+91 00000 \d{5}|\+1 202 555 01\d\d", number) for number in numbers)


def test_addresses_are_reserved_ones(reports):
    hosts = [host for report in reports for host in re.findall(r"@([\w-]+(?:\.[\w-]+)+)", report.text.lower())]
    assert hosts
    assert all(re.search(r"(^|\.)example(\.com|\.org)?$", host) for host in hosts)


def test_a_report_tells_two_incidents_at_greater_length(reports):
    mean = {
        labels: sum(len(report.text) for report in chosen) / len(chosen)
        for labels in (1, 2)
        if (chosen := [report for report in reports if len(report.rows) == labels])
    }
    assert mean[2] > mean[1]


def test_five_times_as_many_reports_are_still_all_different():
    assert len({report.text for report in generate_reports(12_000)}) == 12_000


def test_fewer_than_one_report_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        generate_reports(0)
