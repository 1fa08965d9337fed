"""Lift: what a campaign really changed, by geo, store and A/B experiments.

Pure functions: tables in, results out. ``read_panel`` says what a panel is, ``docs/lift.md`` has
the formulas.
"""

from analytics.errors import InputError
from analytics.lift.estimate import METHODS, did, estimate, synthetic_control, tbr
from analytics.lift.panel import Panel, read_panel
from analytics.lift.result import Estimate, Inference, Interval

__all__ = [
    "METHODS",
    "Estimate",
    "Inference",
    "InputError",
    "Interval",
    "Panel",
    "did",
    "estimate",
    "read_panel",
    "synthetic_control",
    "tbr",
]
