"""Checks of car_price that you can run yourself; they need the training cars only."""

from autograder.checks import points
from autograder.structure import has_hidden_nonlinearity

BUDGET = 100_000
LINE = 8  # the parameters of linear regression: seven weights and a bias


@points(1)
def test_output_shape(built):
    """The model takes seven numbers per car and returns one price"""
    assert built.input_shape == (None, 7), (
        f"The model's input should have the shape (None, 7), yours has {built.input_shape}."
    )
    assert built.output_shape == (None, 1), (
        f"The model's output should have the shape (None, 1), yours has {built.output_shape}."
    )


@points(1)
def test_nonlinearity(built):
    """There is a nonlinear hidden layer between input and price"""
    assert has_hidden_nonlinearity(built.graph), (
        "On the way from the input to the price there should be a layer with weights, a "
        "nonlinear activation such as relu, and another layer with weights. Without the "
        "activation the layers collapse into one straight line."
    )


@points(1)
def test_budget(built):
    """The model has more parameters than a straight line and at most 100,000"""
    count, learned = built.count_params(), built.graph.trainable_params
    assert learned > LINE, (
        f"More than {LINE} parameters should be there to train, your model has {learned}."
    )
    assert count <= BUDGET, f"At most {BUDGET:,} parameters are allowed, your model has {count:,}."


@points(2)
def test_train_teaches(lesson):
    """`train` moves the weights of the model it is given, and the training error falls"""
    assert lesson.worked, lesson.complaint
