"""What lands: rows, and elements that are none."""

from __future__ import annotations

Row = tuple[str, str, str]  # key, cursor, payload text
Bad = tuple[str, str]  # reason, raw text
