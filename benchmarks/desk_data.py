"""`python -m benchmarks.desk_data [--reports N]`: fills the empty installation that the environment names.

100,000 reports with five predictions each, verdicts of a dozen people, second opinions, comments, observables and what
else gathers around them: what the pages are measured on. The same seed gives the same rows.
"""

import argparse
import os

REPORTS = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk_data", description=__doc__)
    parser.add_argument("--reports", type=int, default=REPORTS)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from benchmarks.desk_child.filling import fill  # models need Django's registry

    print(fill(asked.reports, asked.seed, tell=print))


if __name__ == "__main__":
    main()
