# ---
# This header is left out.
# ---

# %% [markdown] id="title"
# # Means
#
# Fill in `mean_and_spread`. Umlauts stay as they are: Größe.

# %%
import math


# %% tags=["given"] id="answer"
def mean_and_spread(values):
    """Return the mean and the standard deviation of a list of numbers.

    values: at least one number.
    """
    ### BEGIN SOLUTION
    mean = sum(values) / len(values)
    squares = [(value - mean) ** 2 for value in values]
    return mean, math.sqrt(sum(squares) / len(values))
    ### END SOLUTION


# %% [markdown]
# Try it:

# %% tags=["demo"]
mean_and_spread([1, 2, 3])


# %%
class Box:
    """Holds one number."""

    def double(self, number):
        """Return twice the number."""
        ### BEGIN SOLUTION
        return number + number  # twice
        ### END SOLUTION
