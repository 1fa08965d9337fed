"""Take a vendor's ZIP file apart, whatever is in it."""

from __future__ import annotations

import zlib
from io import BytesIO
from zipfile import BadZipFile, ZipFile


def only_file(body: bytes, most: int) -> bytes:
    """What is in the one file of a ZIP archive.

    Raises ValueError for what is no archive, has not one file, or more than ``most`` bytes in it.
    """
    try:
        with ZipFile(BytesIO(body)) as archive:
            (member,) = archive.infolist()
            if member.file_size > most:
                raise ValueError("the file is larger than it can be")
            return archive.read(member)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        # Cut, broken, packed in a way that is not known, or with a password.
        raise ValueError("not a ZIP file") from None
