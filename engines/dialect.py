"""How the two engines write what they say differently, for SQL that runs on both."""

from __future__ import annotations

from typing import Protocol


class Dialect(Protocol):
    """SQL text for one engine. Arguments and results are SQL expressions."""

    @property
    def name(self) -> str:
        """The engine: ``duckdb`` or ``spark``."""
