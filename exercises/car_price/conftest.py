"""What the checks of car_price share: what is asked for, and what `train` has to learn once more."""

import numpy as np

from autograder import expect
from autograder.checks.trained_model import Error, TrainedModel, Words, reflected

pytest_plugins = ["autograder.checks.trained_model.fixtures"]

exercise = TrainedModel(
    data="cars",  # x (n, 7) as they come, y (n,) in euros
    input_shape=(7,),
    output_shape=(1,),
    metric=Error(expect.mean_absolute_error, name="the mean error"),
    constant=np.median,
    relabelled=reflected,
    words=Words(
        rows="cars",
        targets="prices",
        takes="seven numbers per car",
        returns="one price",
        relabelled="cheap cars become dear",
        constant="one price for all",
    ),
)
