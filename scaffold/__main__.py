"""``make new-source NAME=acme``: copy the toy source under another name to where sources live."""

from __future__ import annotations

import re
import sys
from pathlib import Path

TOY = Path(__file__).with_name("acme")
PROJECT = Path(__file__).resolve().parent.parent


class NameRefused(Exception):
    """The name cannot be a source's; the message says why."""


def new_source(name: str, project: Path = PROJECT) -> list[Path]:
    """Write the toy source under ``name`` into the project; returns the files it wrote.

    Raises NameRefused for a name that is none, or is taken.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise NameRefused(
            f"{name!r} cannot be a source: use small letters, digits and single underscores, "
            "such as acme or acme_tills"
        )
    written = []
    for file in sorted(path for path in TOY.rglob("*") if path.is_file()):
        if file.suffix == ".pyc":
            continue
        target = project / renamed(str(file.relative_to(TOY)), name)
        if target.exists():
            raise NameRefused(f"there is a source called {name} already: {target}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(renamed(file.read_text(encoding="utf-8"), name), encoding="utf-8")
        written.append(target)
    return written


def renamed(text: str, name: str) -> str:
    """The text with the toy's name replaced, in small letters and as a title."""
    return text.replace("acme", name).replace("Acme", name.replace("_", " ").title())


def main() -> None:
    try:
        (name,) = sys.argv[1:]
        written = new_source(name)
    except ValueError:
        sys.exit("usage: make new-source NAME=acme")
    except NameRefused as refused:
        sys.exit(f"new-source: {refused}")
    for file in written:
        print(file.relative_to(PROJECT))
    print("These files are all there is to it; docs/add-a-source.md walks through them.")


if __name__ == "__main__":
    main()
