"""Every text on a page can be translated, and the second language has all of them."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import not_here

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale/de/LC_MESSAGES/django.po"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# What is no text, in the order in which it is taken out.
NO_TEXT = [
    re.compile(pattern, re.S)
    for pattern in (
        r"\{% blocktranslate.*?endblocktranslate %\}",
        r"\{#.*?#\}",
        r"\{% comment.*?endcomment %\}",
        r"<!--.*?-->",
        r"<(script|style|pre|code|svg|textarea|kbd)\b.*?</\1>",
        r"\{[%{].*?[%}]\}",
        r"<[^>]*>",
        r"&\w+;",
    )
]
ATTRIBUTE = re.compile(r'\b(?:title|aria-label|placeholder|alt|data-label)="([^"]*)"')
WORD = re.compile(r"[A-Za-z]{3,}")
NAMES = {"Caseloop", "CSV", "JSONL", "SHA", "MMDB", "OCSF", "HTTP", "API", "URL", "CLI", "Sigma", "YAML", "UTC"}


def words_of(text: str) -> list[str]:
    return [word for word in WORD.findall(text) if word not in NAMES]


def bare_words(template: str) -> list[str]:
    """Words that stand in a template without being marked for translation."""
    plain = template
    for pattern in NO_TEXT[:4]:
        plain = pattern.sub(" ", plain)
    attributes = [re.sub(r"\{[%{].*?[%}]\}", " ", value) for value in ATTRIBUTE.findall(plain)]
    for pattern in NO_TEXT[4:]:
        plain = pattern.sub(" ", plain)
    return [word for part in [plain, *attributes] for word in words_of(part)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_no_text_that_cannot_be_translated(path: Path) -> None:
    assert bare_words(path.read_text()) == []


def test_bare_words_are_found_wherever_they_stand() -> None:
    assert bare_words("<p>Hello {{ name }}</p>") == ["Hello"]
    assert bare_words('<a title="Open it">{% translate "Go" %}</a>') == ["Open"]
    assert bare_words("{% blocktranslate trimmed %}Open it{% endblocktranslate %}<code>make demo</code>") == []
    assert bare_words("<a title=\"{% translate 'Open it' %}\"></a>") == []


def messages(catalogue: Path) -> dict[str, str]:
    """Source text -> translation, plural forms joined, as msgcat writes them on single lines."""
    told = subprocess.run(
        ["msgcat", "--no-wrap", "--no-location", str(catalogue)], capture_output=True, text=True, check=True
    ).stdout
    entries = {}
    for block in told.split("\n\n")[1:]:
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        parts = re.split(r"^msgstr(?:\[\d\])? ", "\n".join(lines), flags=re.M)
        entries[parts[0]] = "" if any(set(part.strip()) <= {'"'} for part in parts[1:]) else "".join(parts[1:])
    return entries


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue as it comes out of the source of this moment."""
    if shutil.which("xgettext") is None:
        not_here("gettext is not installed: apt-get install gettext")
    place = tmp_path_factory.mktemp("source")
    ignored = shutil.ignore_patterns("__pycache__", "vendor", "staticfiles")
    for folder in ("config", "incidents", "classifier", "events", "workers", "templates", "locale"):
        shutil.copytree(ROOT / folder, place / folder, ignore=ignored)
    shutil.copy(ROOT / "manage.py", place)
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "-l", "de", "--no-location", "--no-obsolete"],
        cwd=place,
        check=True,
        capture_output=True,
    )
    return place / CATALOGUE.relative_to(ROOT)


def test_the_second_language_has_every_text(extracted: Path) -> None:
    missing = [source for source, translation in messages(extracted).items() if not translation]
    assert not missing, f"{len(missing)} texts lack a translation; run manage.py makemessages -l de: {missing[:5]}"
    assert "#, fuzzy" not in extracted.read_text()


def test_the_compiled_catalogue_is_that_of_the_source(extracted: Path, tmp_path: Path) -> None:
    compiled = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "-o", str(compiled), str(CATALOGUE)], check=True)
    assert compiled.read_bytes() == CATALOGUE.with_suffix(".mo").read_bytes(), "run manage.py compilemessages"


# What people read when something is refused; other exceptions speak to programmers, to files and to the command line.
TOLD_TO_PEOPLE = {
    "AlreadySettled", "BulkRefused", "ClaimLost", "FilterRefused", "Http404", "MergeRefused", "PromotionRefused",
    "Settled", "TargetRefused", "TrainingRefused", "ValidationError",
}  # fmt: skip
PAGES = ("incidents/services", "incidents/views", "incidents/forms", "classifier/views", "classifier/forms.py")


def raised_bare(source: str) -> list[str]:
    """Sentences that people are told as they stand in the code, in English."""
    raised = [node.exc for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Raise)]
    calls = [call for call in raised if isinstance(call, ast.Call)]
    told = [call for call in calls if ast.unparse(call.func).rpartition(".")[2] in TOLD_TO_PEOPLE]
    return [ast.unparse(words) for call in told for words in call.args if _is_bare(words)]


def _is_bare(words: ast.expr) -> bool:
    """A sentence with something put into it is as bare as the sentence."""
    if isinstance(words, ast.BinOp):
        return _is_bare(words.left)
    return isinstance(words, ast.JoinedStr) or (isinstance(words, ast.Constant) and isinstance(words.value, str))


@pytest.mark.parametrize("folder", PAGES)
def test_what_people_are_refused_with_can_be_translated(folder: str) -> None:
    place = ROOT / folder
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    assert {str(path): bare for path in files if (bare := raised_bare(path.read_text()))} == {}


def test_bare_sentences_are_found() -> None:
    assert raised_bare('raise ClaimLost("Gone.")') == ["'Gone.'"]
    assert raised_bare('raise forms.ValidationError("Gone: %s" % name)') == ["'Gone: %s' % name"]
    assert len(raised_bare('raise reviewing.ClaimLost(f"{who} is there.")')) == 1
    assert raised_bare('raise ClaimLost(_("Gone: %(n)s") % {"n": 1})\nraise ValueError("for programmers")') == []
