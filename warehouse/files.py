"""Small files that are there whole, or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

PRIVATE = 0o600  # for whoever runs the warehouse alone


def write_atomically(path: Path, content: str | bytes, mode: int = 0o666) -> None:
    """Replace ``path`` whole, or not at all, even when the machine stops in between.

    ``mode``: who may read it, less what the umask takes away. What a killed writer leaves is called
    ``.<name>.<random>.tmp``. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    data = content.encode() if isinstance(content, str) else content
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def remove_drafts(path: Path) -> None:
    """Remove what killed writers of ``path`` have left; only where nobody writes it now."""
    for draft in path.parent.glob(f".{path.name}.*.tmp"):
        draft.unlink()
