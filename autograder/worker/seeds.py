"""Makes every source of randomness that homework uses repeatable."""

from __future__ import annotations

import os
import random
import secrets
import sys
import uuid
from typing import Any


class Entropy:
    """A repeatable stand-in for the operating system's entropy; one stream for each seed."""

    def __init__(self) -> None:
        self._stream = random.Random(0)

    def restart(self, seed: int) -> None:
        """Begin the stream anew."""
        self._stream = random.Random(f"entropy {seed}")

    def bits(self, k: int) -> int:
        """Return `k` random bits, like secrets.randbits."""
        return self._stream.getrandbits(k)

    def octets(self, count: int) -> bytes:
        """Return `count` random bytes, like os.urandom."""
        return self._stream.randbytes(count)


class _Seeded(random.Random):
    """random.Random whose default seed comes from the repeatable stream."""

    entropy: Entropy

    def __init__(self, x: Any = None) -> None:
        super().__init__(self.entropy.bits(128) if x is None else x)

    def seed(self, a: Any = None, version: int = 2) -> None:
        """Seed as random.Random does, but never from the operating system."""
        super().seed(self.entropy.bits(128) if a is None else a, version)


def take_over() -> Entropy:
    """Replace what unseeded generators draw their first state from; call once in a worker.

    NumPy's SeedSequence (hence default_rng() and RandomState()) calls `randbits` by its global
    name in numpy.random.bit_generator; random.Random() seeds itself in C, so the class goes.
    """
    import numpy.random.bit_generator as bit_generator

    entropy = Entropy()
    bit_generator.randbits = entropy.bits  # type: ignore[attr-defined]  # looked up by name there
    secrets.randbits = entropy.bits
    os.urandom = entropy.octets
    random._urandom = entropy.octets  # type: ignore[attr-defined]  # SystemRandom, hence secrets
    uuid.uuid4 = lambda: uuid.UUID(bytes=entropy.octets(16), version=4)
    seeded = type("Random", (_Seeded,), {"entropy": entropy})
    random.Random = seeded  # type: ignore[assignment,misc]  # the point of this function
    return entropy


def restart(entropy: Entropy, seed: int) -> None:
    """Put Python, NumPy, TensorFlow and Keras back to the state that belongs to `seed`.

    TensorFlow and Keras have a state only where Keras has been imported.
    """
    entropy.restart(seed)
    keras = sys.modules.get("keras")
    if keras is not None:
        keras.utils.set_random_seed(seed)
        return
    import numpy as np

    random.seed(seed)
    np.random.seed(seed)
