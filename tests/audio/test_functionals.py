import numpy as np
import pytest
import scipy.stats

from mmsenti.audio._functionals import (
    FUNCTIONALS,
    apply_functionals,
    mean_and_std,
    quantile_span,
    quantiles,
    slope,
)

REFERENCES = {
    "mean": np.mean,
    "std": np.std,
    "min": np.min,
    "max": np.max,
    "range": np.ptp,
    "median": np.median,
    "iqr": scipy.stats.iqr,
    "skewness": scipy.stats.skew,
    "kurtosis": scipy.stats.kurtosis,
}


@pytest.mark.parametrize("name", FUNCTIONALS)
@pytest.mark.parametrize("n_frames", [2, 3, 10, 501])
def test_equals_the_reference(name, n_frames):
    tracks = np.random.default_rng(n_frames).exponential(size=(n_frames, 4))
    expected = REFERENCES[name](tracks, axis=0)
    np.testing.assert_allclose(apply_functionals(tracks, [name]), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n_frames", [1, 5])
def test_of_a_constant_all_are_defined(n_frames):
    values = dict(
        zip(
            FUNCTIONALS,
            apply_functionals(np.full((n_frames, 1), 0.1), list(FUNCTIONALS)),
            strict=True,
        )
    )
    level = {"mean", "min", "max", "median"}
    assert {name: round(float(v), 9) for name, v in values.items()} == {
        name: 0.1 if name in level else 0.0 for name in FUNCTIONALS
    }


def test_what_rounding_leaves_of_a_constant_has_no_shape():
    level = np.float32(-632.4555)
    tracks = np.full((50, 1), level)
    tracks[::7] = np.nextafter(level, np.float32(0))
    assert apply_functionals(tracks, ["skewness", "kurtosis"]).tolist() == [0.0, 0.0]


def test_long_sums_keep_their_digits():
    # In float32, added one after the other, the mean of these is off by more than one.
    tracks = np.full((60_000, 1), 16_777.215, dtype=np.float32)
    assert apply_functionals(tracks, ["mean"])[0] == pytest.approx(16_777.215, rel=1e-7)


@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_quantiles_are_those_of_numpy(n):
    values = np.random.default_rng(n).standard_normal((n, 3))
    shares = (0.0, 0.2, 0.5, 0.8, 1.0)
    np.testing.assert_allclose(quantiles(values, shares), np.quantile(values, shares, axis=0))


@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_quantile_span(n):
    values = np.random.default_rng(n).standard_normal(n)
    lower, upper = np.quantile(values, [0.05, 0.95])
    assert quantile_span(values, 0.05, 0.95) == pytest.approx(upper - lower, abs=1e-12)


def test_slope():
    times = np.array([0.0, 1.0, 4.0])
    assert slope(times, 7 - 2 * times) == pytest.approx(-2)
    assert slope(times[:1], times[:1]) == 0.0


@pytest.mark.parametrize("shape", [(1,), (2, 3), (301,), (301, 3)])
def test_mean_and_std_are_those_of_numpy(shape):
    values = 1e3 + np.random.default_rng(0).exponential(size=shape)
    mean, std = mean_and_std(values)
    np.testing.assert_array_equal(mean, values.mean(axis=0))
    np.testing.assert_array_equal(std, values.std(axis=0))


def test_mean_and_std_of_nothing_are_zero():
    assert [x.tolist() for x in mean_and_std(np.zeros((0, 2)))] == [[0, 0], [0, 0]]
    assert mean_and_std(np.zeros(0)) == (0, 0)
