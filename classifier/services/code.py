"""What wrote an artefact."""

from importlib.metadata import version

from config import __version__


def code_version() -> str:
    return f"caseloop {__version__}, scikit-learn {version('scikit-learn')}"
