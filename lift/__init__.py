"""Lift: what a campaign really changed, by geo, store and A/B experiments.

Pure functions: tables in, results out. ``read_panel`` says what a panel is, ``docs/lift.md`` has
the formulas.
"""

from lift.estimate import METHODS, did, estimate, synthetic_control, tbr
from lift.panel import LiftError, Panel, read_panel
from lift.result import Estimate, Inference, Interval

__all__ = [
    "METHODS",
    "Estimate",
    "Inference",
    "Interval",
    "LiftError",
    "Panel",
    "did",
    "estimate",
    "read_panel",
    "synthetic_control",
    "tbr",
]
