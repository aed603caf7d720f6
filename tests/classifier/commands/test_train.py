"""`manage.py train`"""

import json
import signal

import pytest

from classifier.management.commands.train import Command
from classifier.models import ModelVersion, TrainingRun
from tests.classifier.commands.conftest import run
from tests.classifier.services.conftest import decide_reports
from workers.models import Job


@pytest.fixture
def decided(db, home):
    decide_reports()


@pytest.mark.usefixtures("decided")
def test_the_first_model_is_trained_measured_and_promoted():
    ran = run("train", "--base-model", "none", "--json")
    told = ran.json
    version = ModelVersion.objects.get()
    assert ran.code == 0
    assert told["model"] == version.name
    assert told["run"] == TrainingRun.objects.get().pk
    assert told["promoted"] is True
    assert "first model" in told["promotion"]
    assert told["figures"]["served"]["category"]["accuracy"] == told["figures"]["linear"]["category"]["accuracy"]
    assert set(told["figures"]["served"]) >= {"category", "sub_category", "both", "ece", "n"}
    assert told["figures"]["champion"] is None
    assert told["seconds"] > 0
    assert Job.objects.get(kind="train").status == Job.Status.DONE


def test_a_second_model_stands_beside_the_champion_on_the_same_rows(champion):
    decide_reports(30, start=90)
    told = run("train", "--base-model", "none", "--json").json
    assert told["promoted"] is False
    assert champion.name in told["promotion"]
    assert told["figures"]["champion"]["model"] == champion.name
    assert told["figures"]["champion"]["n"] == told["figures"]["served"]["n"]


def test_the_same_reports_and_seed_give_the_same_figures(champion):
    figures = [
        run("train", "--base-model", "none", "--force", "--seed", 5, "--json").json["figures"]["served"] for _ in "ab"
    ]
    speeds = [one.pop("reports_per_second") for one in figures]
    assert len(speeds) == 2
    assert figures[0] == figures[1]


def test_unchanged_reports_are_refused_unless_forced(champion):
    refused = run("train", "--base-model", "none", "--json")
    assert refused.code == 3
    assert "Nothing changed" in refused.json["error"]
    assert "Nothing changed" in refused.err
    assert run("train", "--base-model", "none", "--force").code == 0


def test_too_few_reports_are_refused(db, home):
    ran = run("train", "--base-model", "none")
    assert (ran.code, TrainingRun.objects.count()) == (3, 0)


@pytest.mark.usefixtures("decided")
def test_a_training_left_to_a_worker_waits_in_its_queue():
    told = run("train", "--base-model", "none", "--enqueue", "--json").json
    assert told["status"] == "queued"
    assert Job.objects.get(kind="train").status == Job.Status.QUEUED
    again = run("train", "--base-model", "none")
    assert (again.code, "already" in again.err) == (3, True)


@pytest.mark.usefixtures("decided")
def test_a_base_model_that_cannot_be_had_fails_with_a_sentence(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    ran = run("train", "--base-model", "nobody/no-such-model", "--json")
    assert ran.code == 1
    assert "no-such-model" in ran.json["error"]
    assert TrainingRun.objects.get().status == TrainingRun.Status.FAILED


@pytest.mark.usefixtures("decided")
def test_options_reach_the_run():
    run("train", "--base-model", "none", "--enqueue", "--seed", 5, "--epochs", 2, "--max-seconds", 1.5)
    assert TrainingRun.objects.get().options == {"seed": 5, "epochs": 2, "max_seconds": 1.5}


@pytest.mark.usefixtures("decided")
def test_options_of_the_t5_reach_the_run():
    given = {"learning_rate": 2e-4, "batch_reports": 8, "lora_rank": 4, "balance": 0.5, "word_dropout": 0.1}
    flags = [part for name, value in given.items() for part in (f"--{name.replace('_', '-')}", value)]
    run("train", "--base-model", "google/flan-t5-small", "--enqueue", "--no-recompute", *flags)
    assert TrainingRun.objects.get().options == given | {"recompute": False}


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize(
    ("base", "flags", "code", "why"),
    [
        ("small-scratch", ["--lora-rank", 8], 3, "nothing to adapt"),
        ("none", ["--balance", 0.5, "--lora-rank", 8], 2, "no T5 is trained"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(base, flags, code, why):
    ran = run("train", "--base-model", base, *flags, "--json")
    assert ran.code == code
    assert why in ran.json["error"]
    assert not TrainingRun.objects.exists()


def test_a_real_process_prints_one_line_and_needs_no_broker(start):
    decide_reports()
    process = start("train", "--base-model", "none", "--json")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert out.count("\n") == 1
    assert json.loads(out)["model"] == ModelVersion.objects.get().name
    assert "training the linear expert" in err


def test_ctrl_c_cancels_cleanly(start):
    decide_reports()
    process = start("train", "--base-model", "small-scratch", "--json")
    for line in process.stderr:
        if "dataset" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    assert "cancelled" in json.loads(out)["error"]
    assert "Traceback" not in err
    assert TrainingRun.objects.get().status == TrainingRun.Status.CANCELLED
    assert Job.objects.get(kind="train").status == Job.Status.CANCELLED
    assert not ModelVersion.objects.exists()


@pytest.mark.parametrize(
    "option",
    ["--seed=-1", "--seed=4294967296", "--seed=x", "--epochs=0", "--epochs=-1", "--epochs=1.5", "--max-seconds=0",
     "--max-seconds=-1", "--max-seconds=nan", "--max-seconds=inf", "--balance=2", "--word-dropout=much",
     "--spelling-noise=0.9", "--lora-rank=-1", "--learning-rate=0", "--batch-reports=0"],
)  # fmt: skip
def test_options_out_of_bounds_are_usage_errors(option, capsys):
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "train", option, "--json"])
    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert option.partition("=")[0] in json.loads(out)["error"]
    assert option.partition("=")[2] in err
