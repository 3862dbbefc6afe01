"""Which citizens speak, through which channel: the kernel's response probabilities.

A survey (paper, civil society) asks a random sample of Krejcie-Morgan size; a
voluntary channel hears the extremes (J-shape; Hu, Zhang and Pavlou 2009). Most open
to dispute: the response rates, for which no Indonesian figures exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import expit, logit, ndtr

from kinerja_sim.know.policies import CHANNELS
from kinerja_sim.model.records import Channels
from kinerja_sim.model.survey import krejcie_morgan

DIGITAL = np.array([c in ("app", "sms") for c in CHANNELS], np.int64)
GROUP = np.array([{"civil_society": 1, "complaint": -1}.get(c, 0) for c in CHANNELS], np.int64)
"""Whose score a rating enters; complaints enter no officer's, because who complains is no sample of citizens."""
VOLUNTARY = {"app": 1.0, "kiosk": 0.0, "sms": 0.0, "phone": 0.0}
"""Voluntary channels that hear both extremes, and the sign of their tilt: praise in the app."""
_Z = np.linspace(-3.0, 3.0, 61)
_DENSITY = np.diff(ndtr(np.concatenate([[-np.inf], 0.5 * (_Z[1:] + _Z[:-1]), [np.inf]])))  # beyond ±3 counts as ±3


def _intercept(rate: float, kappa: float, tilt: float) -> float:
    """Return the intercept at which the mean response over a standard normal public is `rate`."""
    from scipy.optimize import brentq  # a tenth of a second that today's practice does without

    def excess(intercept: float) -> float:
        return float((_DENSITY * expit(intercept + kappa * _Z**2 + tilt * _Z)).sum()) - rate

    return float(brentq(excess, -40.0, 40.0, xtol=1e-10))


def sample_share(cases_per_year: float) -> float:
    """Return the share of a year's cases that a survey of Krejcie-Morgan size asks."""
    return float(min(1.0, krejcie_morgan(cases_per_year) / cases_per_year))


def make_channels(params: Mapping[str, float], cases_per_year: float, used: Sequence[str] = CHANNELS) -> Channels:
    """Return the response model of the channels in use, for one draw of the ledger; `share` is left at 0."""
    n = len(CHANNELS)
    intercept, kappa, tilt = np.zeros(n), np.zeros(n), np.zeros(n)
    sample = sample_share(cases_per_year)
    for c, channel in enumerate(CHANNELS):
        rate = min(max(params[f"rr_{channel}"], 1e-6), 1 - 1e-6)
        if channel not in used:
            continue
        if channel in VOLUNTARY:
            kappa[c] = params["extreme_bias_kappa"]
            tilt[c] = VOLUNTARY[channel] * params["channel_tilt"]
            intercept[c] = _intercept(rate, kappa[c], tilt[c])
        elif channel == "complaint":  # hears who is not content, and nobody else
            tilt[c] = params["complaint_tilt"]
            intercept[c] = _intercept(rate, 0.0, tilt[c])
        else:
            intercept[c] = float(logit(rate * sample))
    return Channels(np.zeros(n), intercept, kappa, tilt, DIGITAL, GROUP)


def channel_shares(channels: np.ndarray, usual: np.ndarray, dose: np.ndarray) -> np.ndarray:
    """Return the share of the public each channel is open to, [S, C], between today's channels and the policy's.

    Parameters
    ----------
    channels : bool [S, C]
    usual : bool [C]
    dose : float [S]
    """
    return usual + dose[:, None] * (channels.astype(float) - usual)
