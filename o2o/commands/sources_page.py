"""docs/sources.md: what is read of which system, from the sources' declarations and READMEs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from connectors.core.source import Stream
from connectors.registry import SOURCES
from o2o.pipeline.project import mappings

CONNECTORS = Path(__file__).parents[2] / "connectors"
_HEAD = """# Sources

<!-- Written by `make docs` from the sources' declarations and READMEs. -->

What is read of each system, and what is not. The README of each source says how,
[configuration](configure.md) which of them a company reads, [add a source](add-a-source.md) how
another one comes in.

`o2o check` compares rights and versions with what the vendor answers. A version that ends within
ninety days is warned of by `o2o status` and in the owners' report."""


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join([_HEAD, "", *_systems(), *_streams(), *_details()])


@cache
def sections(source: str) -> dict[str, str]:
    """The sections of a source's README by their titles. Raises FileNotFoundError."""
    text = (CONNECTORS / source / "README.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def specification(source: str) -> str:
    """Which document of the vendor was followed, as the README says it."""
    found = re.search(r"^- From: (.+(?:\n  .+)*)", sections(source)["Version"], re.M)
    return " ".join(found[1].split()) if found else ""


def path(declared: str | Callable[[Any], str | None] | None) -> str:
    """A key or cursor for people: its fields, or the function that finds it."""
    if declared is None:
        return "–"
    name = declared if isinstance(declared, str) else declared.__name__
    return " + ".join(f"`{part}`" for part in name.split("|"))


def read_again(stream: Stream) -> str:
    """How much of what was read before each load reads again."""
    if stream.report:
        return _days(stream.report.look_back_days)
    if stream.kind == "snapshot":
        return "all"
    hours, rest = divmod(stream.overlap, timedelta(hours=1))
    said = f"{hours} hours" if hours else f"{rest // timedelta(minutes=1)} minutes"
    if stream.look_back is None:
        return said
    return f"{said}; every {_days(stream.look_back.every.days)} {_days(stream.look_back.days)}"


def first_load(stream: Stream) -> str:
    """How far back the first load reads."""
    if stream.kind == "snapshot":
        return "all"
    return _days(stream.report.history_days if stream.report else stream.history_days)


def _days(number: int) -> str:
    return f"{number:,} days"


def _systems() -> Iterator[str]:
    yield "| System | Connection | Fills | Owner | Version | Ends | Followed |"
    yield "|---|---|---|---|---|---|---|"
    for source in SOURCES.values():
        fills = [contract for contract, models in mappings([source.name]).items() if models]
        version = source.versions[0]
        yield _row(
            f"[{source.title}](../connectors/{source.name}/README.md)",
            f"`{source.name}`",
            ", ".join(f"`{contract}`" for contract in fills),
            source.owner,
            f"`{version.name}`",
            f"{version.ends:%Y-%m}" if version.ends else "none announced",
            specification(source.name),
        )
    yield ""


def _streams() -> Iterator[str]:
    yield from ("## Streams", "")
    yield "| System | Stream | Kind | Key | Cursor | Read again | First load |"
    yield "|---|---|---|---|---|---|---|"
    for source in SOURCES.values():
        for stream in source.streams:
            yield _row(
                source.title,
                f"`{stream.name}`",
                stream.kind,
                path(stream.key),
                path(stream.cursor),
                read_again(stream),
                first_load(stream),
            )
    yield ""


def _details() -> Iterator[str]:
    for source in SOURCES.values():
        yield from (f"## {source.title}", "")
        for title in ("Rights", "Limits", "Not supported"):
            yield from (f"### {title}", "", _moved(sections(source.name)[title], source.name), "")


def _moved(text: str, source: str) -> str:
    """A section of a source's README, with links that lead from docs/ to where they led."""

    def link(found: re.Match[str]) -> str:
        target = posixpath.join("../connectors", source, found[1])
        return f"]({posixpath.relpath(target, '../docs')})"

    return re.sub(r"\]\((?!https?:|#)([^)]+)\)", link, text.strip())


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(page(), end="")
