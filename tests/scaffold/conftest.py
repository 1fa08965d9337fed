"""The toy source is tried on the same small world as the others."""

from tests.end_to_end.conftest import shared, world_folder

__all__ = ["shared", "world_folder"]
