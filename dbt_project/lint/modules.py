"""What dbt's ``modules`` is to a macro, for sqlfluff."""

import re

import pytz  # type: ignore[import-untyped]

__all__ = ["pytz", "re"]
