"""The entry of the template's process: the roles of its forks, and the imports that all roles need.

Runs as `python -m autograder.worker.main LISTENER LIFELINE`, two descriptors.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

from autograder.sandbox import template
from autograder.sandbox.channel import Channel

# What homework imports anyway: once here instead of once for each submission.
_WARM = (
    "numpy pandas matplotlib matplotlib.pyplot matplotlib.font_manager scipy.special "
    "sklearn.preprocessing sklearn.model_selection sklearn.metrics sklearn.linear_model "
    "tensorflow keras pyseccomp"
).split()


def warm() -> dict[str, Callable[[Channel], None]]:
    """Import the heavy libraries and return each role's serve function."""
    for name in _WARM:
        importlib.import_module(name)
    from autograder.sandbox import probe
    from autograder.worker import evaluator, kernel, student

    return {
        "student": student.serving(),
        "evaluator": evaluator.serve,
        "kernel": kernel.serve,
        "probe": probe.serve,
    }


if __name__ == "__main__":
    template.run(int(sys.argv[1]), int(sys.argv[2]), warm)
