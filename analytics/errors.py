"""The one error of the libraries here."""

from __future__ import annotations


class InputError(ValueError):
    """What was given cannot be computed with; the message says what to change."""
