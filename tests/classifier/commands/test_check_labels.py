"""`manage.py check_labels`"""

import json

import pytest
from django.core.management import CommandError, call_command

from classifier.services.lineage import json_lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(champion, tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json_lines(champion)), "utf-8")
    return path


def test_a_listing_gives_the_hash_of_its_dataset(champion, file, capsys):
    call_command("check_labels", str(file))
    told = f"the 90 labels of {champion.name} give the hash {champion.snapshot.content_hash}\n"
    assert capsys.readouterr().out == told
    call_command("check_labels", model=champion.name)
    assert capsys.readouterr().out == told
    call_command("check_labels", str(file), json=True)
    assert json.loads(capsys.readouterr().out)["matches"] is True


def test_a_listing_that_lacks_a_label_does_not(champion, file):
    head, _first, *rest = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([head, *rest]), "utf-8")
    with pytest.raises(CommandError, match=r"89 labels listed .* of the 90 that were frozen: 1 are not there any more"):
        call_command("check_labels", str(file))


def test_hidden_labels_are_said_to_be_missing(champion, tmp_path):
    hidden = {champion.snapshot.rows.values_list("incident", flat=True)[0]}
    file = tmp_path / "labels.jsonl"
    file.write_text("".join(json_lines(champion, hidden)), "utf-8")
    with pytest.raises(CommandError, match="1 are hidden"):
        call_command("check_labels", str(file))


def test_what_an_earlier_release_froze_cannot_be_checked(champion):
    champion.snapshot.checkable = False
    champion.snapshot.save()
    with pytest.raises(CommandError, match="earlier release") as caught:
        call_command("check_labels", model=champion.name)
    assert caught.value.returncode == 3


def test_another_file_is_told_to_be_none(db, tmp_path):
    (tmp_path / "other.txt").write_text("hello")
    with pytest.raises(CommandError, match="no listing of labels") as caught:
        call_command("check_labels", str(tmp_path / "other.txt"))
    assert caught.value.returncode == 2
