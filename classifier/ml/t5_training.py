"""Fine-tuning a T5 on label paths, with checkpoints to resume from. For model workers: imports torch."""

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from classifier.ml import hf_format
from classifier.ml.bases import pretrained_t5
from classifier.ml.batching import padded, token_batches
from classifier.ml.checkpoints import Checkpoint, Tensors, optimizer_tensors, restore_optimizer
from classifier.ml.config import SMALL_SCRATCH, Progress, TrainingConfig, TrainingData
from classifier.ml.distillation import soft_targets
from classifier.ml.expert import Decider, validation_score
from classifier.ml.linear import LinearExpert
from classifier.ml.scratch import scratch_t5
from classifier.ml.t5 import T5Classifier
from classifier.ml.taxonomy import Taxonomy

MEGABATCH = 20  # batches that are sorted by length together: near-equal lengths, still shuffled
CLIP = 1.0  # largest norm of the gradient
STEP_TOKENS = 460  # what a step costs besides its tokens, in tokens: 30 ms against 0.065 ms each
MOST_EPOCHS = 40  # more on the same few reports only learns them by heart
SIGN_OF_LIFE = 1.0  # seconds between signs of progress within an epoch

OnProgress = Callable[[Progress], None]
Targets = NDArray[np.float32]  # (N, P), rows sum to 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """What suits a kind of base model, where the config does not say."""

    epochs: int
    learning_rate: float
    budget: int  # small data sets get more epochs, until about this many tokens have been read; a step counts too
    teacher_share: float  # weight of the linear expert's opinion in the targets
    threads: int | None  # None: as many as torch likes

    def epochs_for(self, tokens_per_epoch: int, steps_per_epoch: int) -> int:
        cost = tokens_per_epoch + STEP_TOKENS * steps_per_epoch
        return min(max(self.epochs, round(self.budget / cost)), MOST_EPOCHS)


# The budget takes about two minutes on one core; twice as much gained nothing on complaints. Learning rate 2e-3 is
# unstable (-6 points of exact match on threat reports), and without a teacher 2.5 points are lost.
SCRATCH = Recipe(epochs=4, learning_rate=1e-3, budget=1_850_000, teacher_share=0.5, threads=1)
# A second thread makes so small a model no faster (35 ms a step either way) on an idle machine and several times
# slower on a busy one, and a result that depends on the number of cores could not be reproduced elsewhere.
# A pretrained model needs no teacher to know which words are alike.
PRETRAINED = Recipe(epochs=5, learning_rate=5e-4, budget=0, teacher_share=0.0, threads=None)


def fit_t5(
    data: TrainingData, config: TrainingConfig, workdir: Path, progress: OnProgress, teacher: LinearExpert
) -> T5Classifier:
    """Trains in float32, keeping the epoch with the best validation score; the decider is left to the caller.

    Resumes from a checkpoint in `workdir` if it belongs to the same data and config.
    """
    if config.base_model == SMALL_SCRATCH:
        progress(Progress("vocabulary", "learning a vocabulary from the reports"))
        texts = [example.text for example in data.train]
        classifier, recipe = scratch_t5(texts, data.paths, config.seed, config.max_tokens), SCRATCH
    else:
        progress(Progress("vocabulary", f"loading {config.base_model}"))
        classifier, recipe = pretrained_t5(config.base_model, data.paths, config.max_tokens), PRETRAINED
    targets = _targets(data)
    if recipe.teacher_share:
        asking = Progress("teacher", "asking the linear expert about reports it has not seen")
        soft = soft_targets(data.train, teacher, Taxonomy(data.paths), config.seed, lambda: progress(asking))
        if soft is not None:
            targets += np.float32(recipe.teacher_share) * (soft - targets)
    with _threads(recipe.threads):
        return Trainer(classifier, recipe, data, targets, config, workdir, progress).run()


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
        self.classifier, self.data, self.config = classifier, data, config
        self.workdir, self.progress = workdir, progress
        self.learning_rate = config.learning_rate or recipe.learning_rate
        self.device = torch.device(config.device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.engine = classifier.engine.to(self.device)
        self.optimizer = torch.optim.AdamW(self._parameter_groups(), lr=self.learning_rate)
        self.rows = classifier.tokenizer.encode([example.text for example in data.train])
        self.targets = targets
        self.steps_per_epoch = math.ceil(len(self.rows) / config.batch_reports)
        self.epochs = config.epochs or recipe.epochs_for(sum(map(len, self.rows)), self.steps_per_epoch)
        self.total_steps = self.steps_per_epoch * self.epochs
        self.started = self.last_sign = time.monotonic()

    def run(self) -> T5Classifier:
        if len(self.data.paths) == 1:
            return self.classifier  # a single path leaves nothing to learn
        self.workdir.mkdir(parents=True, exist_ok=True)
        fingerprint = _fingerprint(self.data, self.config)
        state = Checkpoint.load(self.workdir, fingerprint)
        if state is not None:
            self._restore(state)
        while not self._finished(state):
            state = self._epoch(state, fingerprint)
        assert state is not None
        self._load(state.best)
        self.engine.eval()
        return self.classifier

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
        now = hf_format.state_of(self.classifier.model)
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
        total, done = 0.0, 0
        for place, batch in enumerate(self._batches(epoch)):
            step = epoch * self.steps_per_epoch + place
            for group in self.optimizer.param_groups:
                group["lr"] = self.learning_rate * self._schedule(step)
            total += self._step(batch)
            done += len(batch)
            if time.monotonic() - self.last_sign > SIGN_OF_LIFE:
                self._report(epoch + 1, step + 1, total / done, None)
            if self._over_time():
                break
        return total / done

    def _step(self, batch: Sequence[int]) -> float:
        """One optimiser step over `batch`, in as many passes as memory asks for; returns the summed loss."""
        self.optimizer.zero_grad(set_to_none=True)
        summed = 0.0
        for part in token_batches([len(self.rows[index]) for index in batch], self.config.batch_tokens):
            chosen = [batch[place] for place in part]
            loss = self._loss(chosen)
            (loss / len(batch)).backward()
            summed += float(loss.detach())
        torch.nn.utils.clip_grad_norm_(self.engine.parameters(), CLIP)
        self.optimizer.step()
        return summed

    def _loss(self, indices: Sequence[int]) -> Tensor:
        """Summed cross-entropy of the path distributions, nothing of it for padding."""
        ids, mask = padded([self.rows[index] for index in indices], self.device)
        with self._precision():
            encoded = self.engine.encode(ids, mask)
            paths = self.engine.path_log_probabilities(encoded, mask)
        wanted = torch.from_numpy(self.targets[list(indices)]).to(self.device)
        return -(wanted * paths).sum()

    def _precision(self) -> AbstractContextManager[object]:
        return torch.autocast("cuda", torch.bfloat16) if self.device.type == "cuda" else nullcontext()

    def _batches(self, epoch: int) -> list[list[int]]:
        """Shuffled batches of near-equal length, the same for the same seed and epoch."""
        random = np.random.default_rng([self.config.seed, epoch])
        order = random.permutation(len(self.rows)).tolist()
        size = self.config.batch_reports
        batches: list[list[int]] = []
        for start in range(0, len(order), size * MEGABATCH):
            near = sorted(order[start : start + size * MEGABATCH], key=lambda index: len(self.rows[index]))
            batches += [near[cut : cut + size] for cut in range(0, len(near), size)]
        return [batches[place] for place in random.permutation(len(batches))]

    def _schedule(self, step: int) -> float:
        """Linear warm-up, then linear decay."""
        warmup = max(1, round(self.total_steps * self.config.warmup_share))
        return min((step + 1) / warmup, (self.total_steps - step) / max(1, self.total_steps - warmup))

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
                loss, score, spent / step * (self.total_steps - step),
            )
        )  # fmt: skip

    def _parameter_groups(self) -> list[dict[str, object]]:
        """Weight decay for matrices, none for embeddings, position biases and norms."""
        decayed: list[Tensor] = []
        free: list[Tensor] = []
        for name, weight in self.engine.named_parameters():
            plain = "norm" in name or "shared" in name or "relative_attention_bias" in name
            (free if plain else decayed).append(weight)
        return [
            {"params": decayed, "weight_decay": self.config.weight_decay},
            {"params": free, "weight_decay": 0.0},
        ]

    def _restore(self, state: Checkpoint) -> None:
        self._load(state.model)
        restore_optimizer(self.optimizer, state.optimizer)
        self.started -= state.seconds

    def _load(self, tensors: Tensors) -> None:
        with torch.no_grad():
            for name, weight in self.classifier.model.named_parameters():
                weight.copy_(tensors[name])


def _targets(data: TrainingData) -> Targets:
    """(N, P): 1/k at each of a report's k paths."""
    result = np.zeros((len(data.train), len(data.paths)), np.float32)
    for row, example in zip(result, data.train, strict=True):
        row[list(example.paths)] = 1 / len(example.paths)
    return result


def _fingerprint(data: TrainingData, config: TrainingConfig) -> str:
    """sha256 of everything that the result depends on."""
    text = json.dumps([asdict(data), asdict(config)], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
