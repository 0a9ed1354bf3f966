"""Checks of car_price that you can run yourself; they need the training cars only."""

from autograder import expect
from autograder.checks import points

BUDGET = 100_000
LINE = 8  # the parameters of linear regression: seven weights and a bias


@points(1)
def test_output_shape(student_model):
    """The model takes seven numbers per car and returns one price"""
    expect.input_shape(student_model, (None, 7))
    expect.output_shape(student_model, (None, 1))


@points(1)
def test_nonlinearity(student_model):
    """There is a nonlinear hidden layer between input and price"""
    expect.nonlinear(student_model)


@points(1)
def test_budget(student_model):
    """The model has more parameters than a straight line and at most 100,000"""
    expect.budget(student_model, at_most=BUDGET, trainable_over=LINE)


@points(2)
def test_train_teaches(training_run, follows, record):
    """`train` moves the weights of the model it is given, and the training error falls"""
    record(training_run.error_ratio)
    assert training_run.worked, training_run.diagnosis
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
