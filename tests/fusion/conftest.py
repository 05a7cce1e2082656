"""Tables of numbers that stand for modalities, small enough to be worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import StandardScaler


@pytest.fixture
def table():
    """Sixty rows; `a` and `b` carry the class, `c` is noise."""
    rng = np.random.default_rng(0)
    sign = np.where(np.arange(60) % 2, 1.0, -1.0)
    return pd.DataFrame(
        {
            "a": sign + rng.normal(size=60),
            "b": sign + rng.normal(size=60),
            "c": rng.normal(size=60),
        }
    )


@pytest.fixture
def labels():
    return np.where(np.arange(60) % 2, "positive", "neg")


@pytest.fixture
def three_labels():
    return np.array(["low", "middle", "very high"])[np.arange(60) // 2 % 3]


@pytest.fixture
def values():
    return np.where(np.arange(60) % 2, 1.0, -1.0) + np.linspace(0, 1, 60)


@pytest.fixture
def groups():
    """Twelve speakers of five rows each, spread over the table."""
    return np.array([f"speaker {i}" for i in np.arange(60) % 12])


@pytest.fixture
def modalities():
    return [("left", StandardScaler(), ["a"]), ("right", StandardScaler(), ["b", "c"])]
