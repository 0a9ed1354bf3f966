"""The thresholds that the usual checks of an exercise ask for, known before any check has run."""

from __future__ import annotations

from collections.abc import Collection
from types import ModuleType

from autograder.checks.trained_model.declaration import TrainedModel
from autograder.checks.training import TRAINING_ERROR

__all__ = ["needed_thresholds"]


# These ask for `declared`, which asks for two thresholds; those of the second line call
# `run_training` too. Some take what they need from pytest as they go, so all are named here.
_DECLARED = frozenset(("declared", "rows", "build", "student_model", "follows"))
_TRAINED = frozenset(("training_run", "scored_model", "scored_train"))


def needed_thresholds(modules: Collection[ModuleType], fixtures: Collection[str]) -> frozenset[str]:
    """Return the names of the thresholds that the kit's fixtures among `fixtures` ask for.

    `modules` are those in which a check's fixtures lie, among them conftest.py with its
    TrainedModel. A fixture that the author has replaced asks for nothing that is known here. Where
    there is no declaration, or several, no name is returned: the kit itself tells that fault.
    """
    own = [module for module in modules if not module.__name__.startswith("autograder.")]
    replaced = {name for module in own for name in vars(module)}
    things = (thing for module in own for thing in vars(module).values())
    declared = {id(thing): thing for thing in things if isinstance(thing, TrainedModel)}
    asks = bool(_DECLARED.union(_TRAINED).intersection(fixtures)) and "declared" not in replaced
    if len(declared) != 1 or not asks:
        return frozenset()
    (found,) = declared.values()
    trains = bool(_TRAINED.intersection(fixtures)) and "run_training" not in replaced
    names = {found.unseen_name, found.relabelled_name}
    return frozenset(names | {TRAINING_ERROR} if trains else names)
