"""What wrote an artefact."""

from importlib.metadata import version

CASELOOP = "0.1.0"


def code_version() -> str:
    return f"caseloop {CASELOOP}, scikit-learn {version('scikit-learn')}"
