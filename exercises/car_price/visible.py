"""Checks of car_price that you can run yourself; they need the training cars only."""

from autograder import expect
from autograder.checks.points import points

BUDGET = 100_000
LINE = 8  # the parameters of linear regression: seven weights and a bias


@points(1)
def test_output_shape(built):
    """The model takes seven numbers per car and returns one price"""
    expect.input_shape(built, (None, 7))
    expect.output_shape(built, (None, 1))


@points(1)
def test_nonlinearity(built):
    """There is a nonlinear hidden layer between input and price"""
    expect.nonlinear(built)


@points(1)
def test_budget(built):
    """The model has more parameters than a straight line and at most 100,000"""
    expect.budget(built, at_most=BUDGET, trainable_over=LINE)


@points(2)
def test_train_teaches(lesson, follows, record):
    """`train` moves the weights of the model it is given, and the training error falls"""
    record(lesson.fell)
    assert lesson.worked, lesson.complaint
    assert follows.met, "An error that fell counts only if `train` learned from what it was given."


@points(2)
def test_new_prices(follows, record):
    """`train` learns the prices it is given, also when cheap cars become dear"""
    record(follows)
    assert follows.met, (
        "Given other prices for the same cars, `train` should learn those; the model did not "
        "follow them. Does `train` use the arrays it is given, or others from the notebook, or "
        "does it stop too early?"
    )
