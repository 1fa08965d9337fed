"""CSV files that people have: how they are opened, and what is wrong with one that is not read."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from analytics.errors import InputError

SEPARATORS = ",;\t|"
WIDE = (b"\xff\xfe", b"\xfe\xff")  # how UTF-16 begins


def open_text(path: Path) -> TextIO:
    """The text, without the mark that some tools put before it."""
    return path.open(encoding="utf-8-sig", newline="")


def records(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, the header first, each with the line on which it begins."""
    begins = 1
    for record in reader:
        if record:
            yield begins, record
        begins = reader.line_num + 1


def raise_fault(path: Path, separator: str, width: int) -> None:
    """Say of a file that could not be read as CSV of so many columns what is wrong, and where.

    Raises ``InputError`` for the first line with a fault; returns where none is found.
    """
    with path.open("rb") as raw:
        if raw.read(2) in WIDE:
            raise InputError(f"{path} is in UTF-16: save it as UTF-8 (in Excel: CSV UTF-8)")
    with path.open("rb") as raw:
        for number, content in enumerate(raw, start=1):
            try:
                content.decode()
            except UnicodeDecodeError:
                raise InputError(
                    f"{path}, line {number:,} is not in UTF-8: save the file as UTF-8"
                    " (in Excel: CSV UTF-8)"
                ) from None
    with open_text(path) as stream:
        reader = csv.reader(stream, delimiter=separator, strict=True)
        begins = 1
        try:
            for begins, record in records(reader):
                if len(record) != width:
                    advice = f"put quotes around a text that contains {separator!r}"
                    raise InputError(
                        f"{path}, line {begins:,} has {len(record)} values, and the header names"
                        f" {width} columns: {advice if len(record) > width else 'fill it up'}"
                    )
        except csv.Error as error:
            raise InputError(
                f"{path}, line {begins + 1:,} or after: {error}. Quotes stand around a whole value,"
                ' and one inside it is doubled ("")'
            ) from None
