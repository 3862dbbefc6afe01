"""Problems whose answer is known in closed form: two test functions of sensitivity analysis, and a choice of two."""

import math

import numpy as np
from scipy.stats import norm

PROBLEM = {"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[-math.pi, math.pi]] * 3}


def ishigami(x):
    """Return Ishigami's function of angles, [n, 3]."""
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_indices():
    """Return first-order and total indices of Ishigami's function with a = 7, b = 0.1 (Ishigami and Homma 1990)."""
    a, b = 7.0, 0.1
    first = np.array([0.5 * (1 + b * math.pi**4 / 5) ** 2, a**2 / 8, 0.0])
    both = b**2 * math.pi**8 * (1 / 18 - 1 / 50)  # of x1 and x3 together
    whole = first.sum() + both
    return first / whole, (first + np.array([both, 0.0, both])) / whole


G_COEFFICIENTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])


def sobol_g(x):
    """Return Sobol's g function of points in the unit cube, [n, 8]."""
    return np.prod((np.abs(4 * x - 2) + G_COEFFICIENTS) / (1 + G_COEFFICIENTS), axis=1)


def sobol_g_indices():
    """Return first-order and total indices of Sobol's g function (Saltelli and Sobol' 1995)."""
    part = 1 / (3 * (1 + G_COEFFICIENTS) ** 2)
    whole = np.prod(1 + part) - 1
    return part / whole, part * np.prod(1 + part) / (1 + part) / whole


def two_options(seed, *, n=400, replications=8, mean=0.3, known=1.0, other=0.7, chance=0.5):
    """Return a choice between nothing and a normal benefit: benefits, draws, and the two parameters behind them.

    The benefit is mean + known * theta + other * psi + chance, all standard normal.
    """
    rng = np.random.default_rng(seed)
    theta, psi = rng.normal(size=(2, n))
    level = (mean + known * theta + other * psi)[:, None] + chance * rng.normal(size=(n, replications))
    benefit = np.stack([chance * rng.normal(size=(n, replications)), level])
    return benefit, np.repeat(np.arange(n), replications), theta, psi


def worth_of_knowing(mean, sd):
    """Return E[max(0, X)] - max(0, E[X]) of a normal X: the unit normal loss (Raiffa and Schlaifer 1961)."""
    return sd * norm.pdf(mean / sd) + mean * norm.cdf(mean / sd) - max(0.0, mean)
