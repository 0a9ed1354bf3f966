"""The declaration of an exercise with a `build_model` and a `train`, and the words of its texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from autograder.checks.trained_model.answers import (
    Shape,
    allowed_shapes,
    constant_answer,
    in_first_shape,
    is_shape,
)
from autograder.checks.trained_model.metric import Metric
from autograder.checks.trained_model.rows import Array, Pick, Relabelled, Rows, every
from autograder.errors import DeclarationError
from autograder.proxies.student import Model

__all__ = ["TrainedModel", "Unseen", "Words"]

_FUNCTIONS = ("constant", "relabelled", "targets", "arguments", "watched", "relabelled_rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The nouns of an exercise, as the usual checks put them into titles and hints.

    `rows` are the rows of the data set ("cars"), `unseen` the held-out rows where they have another
    noun ("weeks"). `targets` are what `train` learns ("prices"), `answers` what the model returns
    where that has another noun ("forecasts"). `takes` and `returns` say what goes into the model
    and what comes out ("seven numbers per car", "one price"). `relabelled` is a sentence of the
    targets that `train` learns once more ("cheap cars become dear"). `constant` names the best
    answer that is the same for all rows, among the baselines on unseen rows, and
    `relabelled_constant` among those on relabelled rows.

    A text may hold these nouns in braces: "Good {answers} for unseen {unseen}".
    """

    rows: str
    targets: str
    takes: str
    returns: str
    relabelled: str
    unseen: str = ""
    answers: str = ""
    constant: str = "the same answer for all"
    relabelled_constant: str = "the best constant"

    def fill(self, text: str, /, **more: str) -> str:
        """Return the text with each {noun} replaced; raises DeclarationError for an unknown one."""
        nouns = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        nouns["unseen"] = self.unseen or self.rows
        nouns["answers"] = self.answers or self.targets
        try:
            return text.format_map({**nouns, **more})
        except (KeyError, IndexError, ValueError) as error:
            known = ", ".join(sorted({*nouns, *more}))
            raise DeclarationError(
                f"the text {text!r} has braces that cannot be filled ({error}); known nouns: "
                f"{known}; a brace of its own is written twice"
            ) from None


def _as_they_are(y: Array) -> Array:
    return y


def _training_inputs(rows: Rows) -> tuple[Array]:
    return (rows.x_train,)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """An exercise with a `build_model` and a `train`, declared once in conftest.py.

    What `build_model` and `train` are given:

    - `data` names the data set.
    - `arguments` is a function of the Rows that returns the arguments of `build_model`; without it
      `build_model` gets x_train.
    - `targets` is a function of the data set's targets that returns those of the exercise, such as
      labels made of prices.

    What the model is: `input_shape` and `output_shape`, without the batch axis. Where the model
    may return several shapes that hold the same numbers, `output_shape` is a tuple of them, such as
    ((1,), ()) for (None, 1) and (None,). The metric gets predictions in the first of these shapes.

    How well it answers:

    - `metric` is an Error, a ShareRight or a Likelihood.
    - `constant` is a function of targets that returns the best answer which is the same for all
      rows, in the form in which the model answers: `np.median` for a mean absolute error of one
      number, the array of the classes' shares for probabilities. Such an answer earns nothing on
      unseen rows, and for an Error it is the unit of the error on relabelled rows.
    - `relabelled` is a function of targets that returns other targets, which `train` has to learn.
    - `relabelled_baselines` maps names to functions of a Relabelled that return the predictions of
      trivial answers; without it that is the best constant.
    - `watched` picks the training rows on which the error has to fall, `relabelled_rows` those that
      get other targets.

    `unseen_threshold` and `relabelled_threshold` are names of exercise.toml; without them
    they are unseen_error and relabelled_error for an Error, unseen_accuracy and
    relabelled_accuracy for a ShareRight, unseen_likelihood and relabelled_likelihood for a
    Likelihood.

    Raises DeclarationError for what cannot be a declaration.
    """

    data: str
    input_shape: Shape
    output_shape: Shape | tuple[Shape, ...]
    metric: Metric
    constant: Callable[[Array], Any]
    relabelled: Callable[[Array], Array]
    words: Words
    targets: Callable[[Array], Array] = _as_they_are
    arguments: Callable[[Rows], Sequence[Any]] = _training_inputs
    watched: Pick = every
    relabelled_rows: Pick = every
    relabelled_baselines: Mapping[str, Callable[[Relabelled], Array]] | None = None
    unseen_threshold: str = ""
    relabelled_threshold: str = ""

    def __post_init__(self) -> None:
        for name in _FUNCTIONS:
            if not callable(getattr(self, name)):
                raise DeclarationError(
                    f"TrainedModel: {name} is a function, not {getattr(self, name)!r}"
                )
        if not is_shape(self.input_shape):
            raise DeclarationError(
                "TrainedModel: input_shape is a tuple without the batch axis, such as (7,), not "
                f"{self.input_shape!r}"
            )
        allowed_shapes(self.output_shape)

    @property
    def output_shapes(self) -> tuple[Shape, ...]:
        """The shapes that the model may return, without the batch axis."""
        return allowed_shapes(self.output_shape)

    @property
    def unseen_name(self) -> str:
        """The name of the threshold on unseen rows."""
        return self.unseen_threshold or f"unseen_{self.metric.noun}"

    @property
    def relabelled_name(self) -> str:
        """The name of the threshold on relabelled rows."""
        return self.relabelled_threshold or f"relabelled_{self.metric.noun}"

    def predictions(self, model: Model, x: Array) -> Array:
        """Return a model's predictions for rows x (n, ...), in the first of the allowed shapes."""
        return in_first_shape(model.predict(x), self.output_shapes)

    def same_for_all(self, targets: Array, count: int) -> Array:
        """Return the best answer to `targets` that is the same for all of `count` rows.

        The predictions (count, ...) have the first of the allowed shapes. Raises DeclarationError
        where `constant` returns another form.
        """
        return constant_answer(self.constant(targets), count, self.output_shapes)

    def relabel(self, rows: Rows) -> Relabelled:
        """Return training rows with other targets.

        Raises DeclarationError where the new targets have another shape, or are the usual ones.
        """
        x, y = rows.x_train, rows.y_train
        some = self.relabelled_rows(len(x))
        found = Relabelled(x[some], y[some], np.asarray(self.relabelled(y[some])))
        if found.new.shape != found.usual.shape:
            raise DeclarationError(
                f"TrainedModel: relabelled returns the shape {found.new.shape} for targets of the "
                f"shape {found.usual.shape}"
            )
        if np.array_equal(found.new, found.usual):
            raise DeclarationError("TrainedModel: relabelled returns the targets as they were")
        return found

    def trivial_on_relabelled(self, rows: Relabelled) -> Mapping[str, Array]:
        """Return the predictions of trivial answers for relabelled rows, by name."""
        if self.relabelled_baselines is None:
            constant = self.same_for_all(rows.new, len(rows.new))
            return {self.words.relabelled_constant: constant}
        return {name: answer(rows) for name, answer in self.relabelled_baselines.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What only a grader needs: the rivals on unseen rows, and the hints for them.

    hidden.py may return it from a fixture `unseen`. `baselines` maps the names of trivial answers
    to functions of the Rows that return their predictions for x_test; the best of them earns
    nothing. The error of the answer `rival` is the unit of an Error: `rival_answer` returns its
    predictions, unless it is one of the baselines. A rival among the baselines must miss the
    threshold, too, but the points do not begin at it.

    `told` is the hint for a miss, with {value} and {limit}; without it the metric has its own.
    `not_finite` is the hint where a prediction is nan or inf. `same` is the hint where
    `is_same`, a function of predictions for training rows, tells that all answers are the same.
    """

    baselines: Mapping[str, Callable[[Rows], Array]] = field(default_factory=dict)
    rival: str = ""
    rival_answer: Callable[[Rows], Array] | None = None
    told: str = ""
    not_finite: str = (
        "For some of the {unseen} it has never seen, the trained model predicts nan or inf."
    )
    same: str = "After training the model gives the same answer for all {rows}."
    is_same: Callable[[Array], bool] | None = None

    def __post_init__(self) -> None:
        known = self.rival_answer is not None or self.rival in self.baselines
        if bool(self.rival) != known:
            raise DeclarationError(
                f"Unseen: rival is {self.rival!r}; with a name, rival_answer or a baseline of that "
                "name returns its predictions, and without a name there is no rival_answer"
            )

    @property
    def unit_answer(self) -> Callable[[Rows], Array] | None:
        """The answer whose error is the unit; None where the error has a plain unit."""
        return self.rival_answer or self.baselines.get(self.rival)
