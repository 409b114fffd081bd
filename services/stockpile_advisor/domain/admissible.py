"""What a model may be asked: figures outside its meaning are refused with a sentence that names them."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Values = float | FloatArray


def positive(**figures: Values) -> None:
    """ValueError unless every figure is a number above zero."""
    for name, value in figures.items():
        if not np.all(np.asarray(value) > 0):
            raise ValueError(f"{name} must be above zero, it is {value}")


def not_negative(**figures: Values) -> None:
    """ValueError unless every figure is a number of zero or more."""
    for name, value in figures.items():
        if not np.all(np.asarray(value) >= 0):
            raise ValueError(f"{name} must not be negative, it is {value}")


def fraction(**figures: Values) -> None:
    """ValueError unless every figure lies strictly between 0 and 1."""
    for name, value in figures.items():
        if not np.all((np.asarray(value) > 0) & (np.asarray(value) < 1)):
            raise ValueError(f"{name} must lie between 0 and 1, it is {value}")
