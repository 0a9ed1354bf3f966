"""Checks of car_price that you can run yourself; they need the training cars only."""

from autograder.checks.trained_model import (
    budget,
    new_targets,
    nonlinearity,
    shapes,
    train_teaches,
)

LINE = 8  # the parameters of linear regression: seven weights and a bias

test_output_shape = shapes(points=1)

test_nonlinearity = nonlinearity(
    points=1, title="There is a nonlinear hidden layer between input and price"
)

test_budget = budget(
    100_000,
    trainable_over=LINE,
    points=1,
    title="The model has more parameters than a straight line and at most 100,000",
)

test_train_teaches = train_teaches(points=2)

test_new_prices = new_targets(points=2)
