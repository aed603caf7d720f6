"""The reference's own loop over its files, written fresh: what it does per chunk without any language model.

In its order: drop what contains one of fourteen phrases, fill what is missing, count words, predict and decide by an
Isolation Forest on those counts, keep scores below 0.5, add each row to its user's running means, join those back,
append to a CSV file. Nothing is durable and nothing is told apart when it comes twice. Its habits stay as they are:
the filled columns are thrown away, the score never reaches 0.5, a row carries its chunk's last means.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.ensemble import IsolationForest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import train_test_split

from benchmarks.event_samples import NUMBERS, PHRASES

CHUNK = 1000  # rows, its default
LOWEST_NORMAL = 0.5  # of the decision function, which never gets there
HARMLESS = "|".join(phrase.lower() for phrase in PHRASES)

Means = dict[Any, dict[str, float]]
Step = Callable[..., Any]
Timed = Callable[[str, Step], Step]


@dataclass
class Reference:
    """Fitted on a first file, as the reference is: words alone reach its forest."""

    vectorizer: CountVectorizer
    forest: IsolationForest
    missing: dict[str, Any]
    means: Means

    @classmethod
    def fit(cls, file: Path) -> "Reference":
        known = pd.read_csv(file)
        train, _ = train_test_split(known, test_size=0.2, random_state=42)
        vectorizer = CountVectorizer()
        forest = IsolationForest(n_estimators=100, contamination=0.1, random_state=0)
        forest.fit(vectorizer.fit_transform(train["log_text"]))
        missing = {name: known[name].mean() for name in ("user_id", *NUMBERS)}
        return cls(vectorizer, forest, missing | {"log_text": known["log_text"].mode()[0]}, _first_means(known))

    def run(self, file: Path, output: Path, timed: Timed = lambda _, step: step) -> int:
        """Every chunk of the file; the number of rows written. `timed` may wrap each step, by its name."""
        steps = [
            timed(name, step)
            for name, step in (
                ("filter", without_harmless), ("prepare", self.prepare), ("forest", self.judge),
                ("label", with_labels), ("threshold", below_threshold), ("aggregate", self.aggregate),
                ("merge", self.merge), ("write", lambda chunk: append(chunk, output)),
            )
        ]  # fmt: skip
        written = 0
        for chunk in pd.read_csv(file, chunksize=CHUNK):
            for step in steps:
                chunk = step(chunk)
            written += len(chunk)
        return written

    def prepare(self, chunk: pd.DataFrame) -> pd.DataFrame:
        for name in chunk.columns:
            chunk[name].fillna(self.missing[name])  # the result goes nowhere, as in the reference
        return chunk

    def judge(self, chunk: pd.DataFrame) -> pd.DataFrame:
        words = self.vectorizer.transform(chunk["log_text"])
        chunk["anomaly"] = self.forest.predict(words)
        chunk["anomaly_score"] = self.forest.decision_function(words)
        return chunk

    def aggregate(self, chunk: pd.DataFrame) -> pd.DataFrame:
        for _, row in chunk.iterrows():
            held = self.means.get(row["user_id"])
            if held is None:
                self.means[row["user_id"]] = {"count": 1, **{name: row[name] for name in NUMBERS}}
                continue
            held["count"] += 1
            for name in NUMBERS:
                held[name] += (row[name] - held[name]) / held["count"]
        return chunk

    def merge(self, chunk: pd.DataFrame) -> pd.DataFrame:
        means = pd.DataFrame.from_dict(self.means, orient="index").rename_axis("user_id").reset_index()
        return chunk.merge(means, on="user_id", how="left", suffixes=("", "_agg"))


def without_harmless(chunk: pd.DataFrame) -> pd.DataFrame:
    return chunk[~chunk["log_text"].str.contains(HARMLESS, case=False)].copy()


def with_labels(chunk: pd.DataFrame) -> pd.DataFrame:
    chunk["anomaly_label"] = chunk["anomaly"].apply(lambda one: "Anomaly" if one == -1 else "Normal")
    return chunk


def below_threshold(chunk: pd.DataFrame) -> pd.DataFrame:
    return chunk[chunk["anomaly_score"] < LOWEST_NORMAL]


def append(chunk: pd.DataFrame, output: Path) -> pd.DataFrame:
    chunk.to_csv(output, mode="a", index=False, header=not output.exists())
    return chunk


def _first_means(known: pd.DataFrame) -> Means:
    """Its dictionary before the stream: mean of each number and count, per user of the first file."""
    grouped = known.groupby("user_id")
    table = grouped[list(NUMBERS)].mean().assign(count=grouped.size())
    return {user: dict(row) for user, row in table.to_dict("index").items()}
