"""What dbt's ``modules`` is to a macro, for sqlfluff."""

import re

import pytz

__all__ = ["pytz", "re"]
