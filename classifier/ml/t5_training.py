"""Fine-tuning a T5 on label paths, with checkpoints to resume from. For model workers: imports torch."""

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import Tensor

from classifier.ml import lora
from classifier.ml.bases import pretrained_t5
from classifier.ml.batching import padded, token_batches
from classifier.ml.checkpoints import Checkpoint, Tensors, optimizer_tensors, restore_optimizer
from classifier.ml.config import CPU, CUDA, SMALL_SCRATCH, Progress, TrainingConfig, TrainingData
from classifier.ml.distillation import soft_targets
from classifier.ml.expert import Decider, validation_score
from classifier.ml.linear import LinearExpert
from classifier.ml.optimisation import adamw, share_of_rate
from classifier.ml.recipes import Recipe, recipe_for
from classifier.ml.scratch import DESIGN, scratch_t5
from classifier.ml.t5 import T5Classifier
from classifier.ml.taxonomy import Taxonomy
from classifier.ml.training_set import Targets, TrainingSet, path_targets

CLIP = 1.0  # largest norm of the gradient
SIGN_OF_LIFE = 1.0  # seconds between signs of progress within an epoch

OnProgress = Callable[[Progress], None]


def fit_t5(
    data: TrainingData, config: TrainingConfig, workdir: Path, progress: OnProgress, teacher: LinearExpert
) -> T5Classifier:
    """Trains in float32, keeping the epoch with the best validation score; the decider is left to the caller.

    Resumes from a checkpoint in `workdir` if it belongs to the same data and config.
    """
    if config.device == CUDA and not torch.cuda.is_available():
        return _on_the_cpu("there is no GPU that PyTorch can use", data, config, workdir, progress, teacher)
    try:
        return _fit_t5(data, config, workdir, progress, teacher)
    except torch.OutOfMemoryError:
        if not is_gpu(config):
            raise
    torch.cuda.empty_cache()
    return _on_the_cpu("the GPU's memory is not enough", data, config, workdir, progress, teacher)


def _on_the_cpu(
    why: str, data: TrainingData, config: TrainingConfig, workdir: Path, progress: OnProgress, teacher: LinearExpert
) -> T5Classifier:
    """From the beginning, since the CPU follows another recipe; its checkpoints stand apart from the GPU's."""
    progress(Progress("fallback", f"{why}: the training goes on with the CPU, which takes longer"))

    def noted(news: Progress) -> None:
        progress(replace(news, device=f"{news.device} ({why})") if news.device else news)

    return _fit_t5(data, replace(config, device=CPU), workdir / CPU, noted, teacher)


def _fit_t5(
    data: TrainingData, config: TrainingConfig, workdir: Path, progress: OnProgress, teacher: LinearExpert
) -> T5Classifier:
    classifier = _untrained(data, config, progress)
    if len(data.paths) == 1:
        return classifier  # a single path leaves nothing to learn
    parameters = sum(weight.numel() for weight in classifier.model.parameters())
    recipe = recipe_for(config, parameters, device_of(config).type)
    targets = taught_targets(data, recipe, teacher, config.seed, progress)
    with _threads(recipe.threads):
        return Trainer(classifier, recipe, data, targets, config, workdir, progress).run()


def taught_targets(
    data: TrainingData, recipe: Recipe, teacher: LinearExpert, seed: int, progress: OnProgress
) -> Targets:
    """The labels, mixed with what the linear expert thinks of reports that it has not seen."""
    targets = path_targets(data)
    if recipe.teacher_share:
        asking = Progress("teacher", "asking the linear expert about reports it has not seen")
        soft = soft_targets(data.train, teacher, Taxonomy(data.paths), seed, lambda: progress(asking))
        if soft is not None:
            targets += recipe.teacher_share * (soft - targets)
    return targets


def device_of(config: TrainingConfig) -> torch.device:
    return torch.device(config.device or (CUDA if torch.cuda.is_available() else CPU))


def is_gpu(config: TrainingConfig) -> bool:
    return bool(device_of(config).type == CUDA)


def device_in_words(device: torch.device) -> str:
    """`CPU, 2 threads` or the GPU's name."""
    if device.type == CUDA:
        return str(torch.cuda.get_device_name(device))
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' * (threads != 1)}"


def _untrained(data: TrainingData, config: TrainingConfig, progress: OnProgress) -> T5Classifier:
    if config.base_model == SMALL_SCRATCH:
        progress(Progress("vocabulary", "learning a vocabulary from the reports"))
        return scratch_t5([example.text for example in data.train], data.paths, config.seed, config.max_tokens)
    progress(Progress("vocabulary", f"loading {config.base_model}"))
    return pretrained_t5(config.base_model, data.paths, config.max_tokens)


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Trainer:
    """One run over the training reports."""

    def __init__(
        self,
        classifier: T5Classifier,
        recipe: Recipe,
        data: TrainingData,
        targets: Targets,
        config: TrainingConfig,
        workdir: Path,
        progress: OnProgress,
    ) -> None:
        self.classifier, self.recipe, self.data, self.config = classifier, recipe, data, config
        self.workdir, self.progress = workdir, progress
        self.adapters = lora.add_adapters(classifier.model, recipe.rank, config.seed) if recipe.rank else None
        self.device = device_of(config)
        self.engine = classifier.engine.to(self.device)
        self.engine.recompute = recipe.recompute
        self.optimizer = adamw(self.engine, recipe.learning_rate, config.weight_decay)
        self.reports = TrainingSet(data, targets, classifier.tokenizer, config, recipe.spelling_noise)
        self.steps_per_epoch = math.ceil(len(self.reports) / recipe.batch_reports)
        tokens = sum(map(len, self.reports.rows))
        self.epochs = config.epochs or recipe.epochs_for(tokens, self.steps_per_epoch)
        self.total_steps = self.steps_per_epoch * self.epochs
        self.on = device_in_words(self.device)
        self.started = self.last_sign = time.monotonic()

    def run(self) -> T5Classifier:
        self.workdir.mkdir(parents=True, exist_ok=True)
        fingerprint = self._fingerprint()
        state = Checkpoint.load(self.workdir, fingerprint)
        if state is not None:
            self._restore(state)
        while not self._finished(state):
            state = self._epoch(state, fingerprint)
        assert state is not None
        self._load(state.best)
        if self.adapters is not None:
            lora.merge(self.adapters)
        self.engine.eval()
        return self.classifier

    def _fingerprint(self) -> str:
        """sha256 of everything that the result depends on, the versions of libraries aside."""
        scratch = self.config.base_model == SMALL_SCRATCH
        base = asdict(DESIGN) if scratch else self.classifier.encoder_digest()
        parts = [asdict(self.data), asdict(self.config), asdict(self.recipe), base]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=True).encode()).hexdigest()

    def _finished(self, state: Checkpoint | None) -> bool:
        if state is None:
            return False
        stale = state.epoch - state.best_epoch >= self.config.patience
        return state.epoch >= self.epochs or stale or self._over_time()

    def _over_time(self) -> bool:
        limit = self.config.max_seconds
        return limit is not None and time.monotonic() - self.started > limit

    def _epoch(self, before: Checkpoint | None, fingerprint: str) -> Checkpoint:
        number = before.epoch if before else 0
        torch.manual_seed(self.config.seed * 100_003 + number)  # dropout: the same when resumed
        loss = self._train(number)
        score = self._validation_score(number + 1)
        now = self._trained()
        better = before is None or score > before.best_score
        after = Checkpoint(
            epoch=number + 1,
            seconds=time.monotonic() - self.started,
            best_epoch=number + 1 if better or before is None else before.best_epoch,
            best_score=score if better or before is None else before.best_score,
            model=now,
            best=now if better or before is None else before.best,
            optimizer=optimizer_tensors(self.optimizer),
        )
        after.save(self.workdir, fingerprint)  # before the sign of life, which may stop the run
        shown = score[0] if self.data.validation else None
        self._report(number + 1, (number + 1) * self.steps_per_epoch, loss, shown)
        return after

    def _train(self, epoch: int) -> float:
        """One pass over the training reports; returns the mean loss per report in nats."""
        self.engine.train()
        total, done = torch.zeros((), dtype=torch.float64, device=self.device), 0
        for place, batch in enumerate(self.reports.start(epoch, self.recipe.batch_reports)):
            step = epoch * self.steps_per_epoch + place
            share = share_of_rate(step, self.total_steps, self.config.warmup_share)
            for group in self.optimizer.param_groups:
                group["lr"] = self.recipe.learning_rate * share
            total += self._step(batch)
            done += len(batch)
            if time.monotonic() - self.last_sign > SIGN_OF_LIFE:
                self._report(epoch + 1, step + 1, float(total) / done, None)
            if self._over_time():
                break
        return float(total) / done

    def _step(self, batch: Sequence[int]) -> Tensor:
        """One optimiser step over `batch`, in as many passes as memory asks for; returns the summed loss.

        It stays on the device: reading it would have a GPU wait for the CPU in every step.
        """
        self.optimizer.zero_grad(set_to_none=True)
        summed = torch.zeros((), dtype=torch.float64, device=self.device)
        lengths = [len(self.reports.rows[index]) for index in batch]
        for part in token_batches(lengths, self.recipe.batch_tokens, self.engine.positions):
            loss = self._loss([batch[place] for place in part])
            (loss / len(batch)).backward()
            summed += loss.detach()
        torch.nn.utils.clip_grad_norm_(self.engine.parameters(), CLIP)
        self.optimizer.step()
        return summed

    def _loss(self, indices: Sequence[int]) -> Tensor:
        """Summed cross-entropy of the path distributions, nothing of it for padding."""
        ids, mask = padded([self.reports.rows[index] for index in indices], self.device)
        with self._precision():
            encoded = self.engine.encode(ids, mask)
            paths = self.engine.path_log_probabilities(encoded, mask)
        wanted = torch.from_numpy(self.reports.targets[list(indices)]).to(self.device)
        return -(wanted * paths).sum()

    def _precision(self) -> AbstractContextManager[object]:
        return torch.autocast("cuda", torch.bfloat16) if self.device.type == "cuda" else nullcontext()

    def _validation_score(self, epoch: int) -> tuple[float, float]:
        """Exact match with a freshly fitted rule, then negative NLL; without validation the newest epoch wins."""
        self.engine.eval()
        examples = self.data.validation
        if not examples:
            return 0.0, float(epoch)
        truths = [example.paths for example in examples]
        scores = self.classifier.score([example.text for example in examples])
        return validation_score(Decider.fit(scores.log_probabilities, truths, self.data.largest_set), scores, truths)

    def _report(self, epoch: int, step: int, loss: float, score: float | None) -> None:
        self.last_sign = time.monotonic()
        spent = self.last_sign - self.started
        self.progress(
            Progress(
                "t5", f"epoch {epoch} of at most {self.epochs}", step, self.total_steps, epoch, self.epochs,
                loss, score, spent / step * (self.total_steps - step), self.on,
            )
        )  # fmt: skip

    def _restore(self, state: Checkpoint) -> None:
        self._load(state.model)
        restore_optimizer(self.optimizer, state.optimizer)
        self.started -= state.seconds

    def _trained(self) -> Tensors:
        """The weights that training changes, once each; with adapters, these alone."""
        return {name: weight.detach().to("cpu", copy=True) for name, weight in self._changing()}

    def _load(self, tensors: Tensors) -> None:
        with torch.no_grad():
            for name, weight in self._changing():
                weight.copy_(tensors[name])

    def _changing(self) -> list[tuple[str, torch.nn.Parameter]]:
        named = self.classifier.model.named_parameters()
        return [(name, weight) for name, weight in named if weight.requires_grad]
