"""Least squares on the simplex, solved exactly."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from analytics.lift.panel import Floats


def simplex_weights(donors: Floats, target: Floats) -> Floats:
    """The weights w ≥ 0, Σw = 1 that minimise ‖target − w·donors‖².

    Because Σw = 1, the residual is w·Z with Z = donors − target. With u = s·w, s ≥ 0, the problem
    min ‖u·Z‖² + (Σu − 1)², u ≥ 0 has for a fixed w the best s = 1/(1 + q), q = ‖w·Z‖², and then the
    value q/(1 + q), which grows with q. So its solution, divided by its sum, is the solution
    wanted: no penalty constant, and Lawson and Hanson's active-set method ends after finitely many
    steps with the exact answer (it is Wolfe's nearest point of a convex hull).

    Args:
        donors: donors × periods.
        target: one value per period.

    With more donors than periods several weights may be equally good; one of them is returned.
    """
    gap = (donors - target).T
    # Scaled so that q is at most 1 at the best single donor, whatever the unit of the metric.
    scale = float(np.sqrt((gap**2).sum(axis=0).min()))
    gap = gap / scale if scale > 0 else gap / (float(np.abs(gap).max()) or 1.0)
    system = np.vstack([gap, np.ones(gap.shape[1])])
    answer = np.zeros(len(system))
    answer[-1] = 1.0
    solution, _ = nnls(system, answer, maxiter=30 * system.shape[1] + 100)
    solution[solution < 1e-12 * solution.sum()] = 0.0  # what rounding left of a weight of none
    return np.asarray(solution / solution.sum(), dtype=np.float64)
