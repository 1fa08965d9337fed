"""Files that are for their owner alone, and small ones that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.landing.errors import SettingError

PRIVATE = 0o600  # for whoever runs the warehouse alone
UMASK = "O2O_UMASK"


@contextmanager
def private(*folders: Path) -> Iterator[None]:
    """Whatever is made inside, by whichever library, is its owner's alone from the first byte.

    So are the ``folders``, which older versions have left open to all; one that is somebody
    else's, as a mounted volume may be, is left to them. ``O2O_UMASK`` (octal, default 077) leaves
    more to others: 027 lets the group read. It holds for the whole process, as the umask does.
    Raises SettingError for a setting that is none.
    """
    text = os.environ.get(UMASK) or "077"
    try:
        mask = int(text, 8)
    except ValueError:
        raise SettingError(f"{UMASK} is {text!r}: set it to octal digits, such as 027") from None
    before = os.umask(mask)
    os.umask(before | mask)
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            found = folder.stat()
            if found.st_mode & mask and found.st_uid == os.geteuid():
                folder.chmod(stat.S_IMODE(found.st_mode) & ~mask)
        yield
    finally:
        os.umask(before)


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
