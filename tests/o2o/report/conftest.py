"""The page is tried on the same small warehouse as the checks."""

from tests.expectations.conftest import sound_warehouse, spoil, warehouse

__all__ = ["sound_warehouse", "spoil", "warehouse"]
