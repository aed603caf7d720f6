"""The T5 expert as the rest of the package sees it, without importing torch."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.ml.expert import Expert


class TextEncoder(Expert):
    """An expert that also embeds texts."""

    @property
    @abstractmethod
    def hash(self) -> str:
        """sha256 of all that determines the vectors."""

    @abstractmethod
    def as_served(self) -> "TextEncoder":
        """In the precision that it serves in on the device where it is."""

    @abstractmethod
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, D) float32, rows of unit length."""
