"""The base of what o2o itself reports on purpose."""

from __future__ import annotations


class O2OError(Exception):
    """It was tried and failed; the message says why and what to do."""
