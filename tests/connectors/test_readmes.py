"""What a source's README says of its streams, settings, rights and version is what it declares."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from connectors.core.rights import Right
from connectors.core.source import COMMON_SETTINGS, Source
from connectors.registry import SOURCES
from o2o.commands.sources_page import first_load, path, read_again, sections, specification

SECTIONS = ("Streams", "Settings", "Rights", "Limits", "Version", "Not supported")

every_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())


def table(text: str) -> list[dict[str, str]]:
    """The rows of a section's first table, by column."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    head, _, *body = rows
    return [dict(zip(head, row, strict=True)) for row in body]


@every_source
def test_a_readme_has_every_section(source: Source) -> None:
    found = sections(source.name)
    missing = [title for title in SECTIONS if not found.get(title, "").strip()]
    assert not missing, f"connectors/{source.name}/README.md lacks {', '.join(missing)}"


@every_source
def test_the_streams_are_those_declared(source: Source) -> None:
    told = table(sections(source.name)["Streams"])
    assert [{**row, "Holds": bool(row["Holds"])} for row in told] == [
        {
            "Stream": f"`{stream.name}`",
            "Kind": stream.kind,
            "Key": path(stream.key),
            "Cursor": path(stream.cursor),
            "Read again": read_again(stream),
            "First load": first_load(stream),
            "Holds": True,
        }
        for stream in source.streams
    ]


@every_source
def test_the_settings_are_those_declared(source: Source) -> None:
    told = table(sections(source.name)["Settings"])
    assert [(row["Setting"], row["Needed"], bool(row["What"])) for row in told] == [
        (f"`{setting.name}`", "yes" if setting.required else "no", True)
        for setting in source.settings
        if setting not in COMMON_SETTINGS
    ]


@every_source
def test_the_rights_are_those_declared(source: Source) -> None:
    def right(declared: Right) -> str:
        name = f"`{declared.name}`" if declared.is_told else declared.name
        return f"{name} ({declared.note})" if declared.note else name

    assert table(sections(source.name)["Rights"]) == [
        {
            "Right": right(declared),
            "For": ", ".join(f"`{name}`" for name in declared.streams),
            "Without it": declared.without,
        }
        for declared in source.rights
    ]
    named = {name for declared in source.rights for name in declared.streams}
    assert named == {stream.name for stream in source.streams}, (
        "every stream has the right it needs"
    )
    assert bool(source.granted) == any(declared.is_told for declared in source.rights)


@every_source
def test_the_version_is_the_one_asked_for(source: Source) -> None:
    told = sections(source.name)["Version"]
    version = import_module(f"connectors.{source.name}.source").VERSION
    assert source.versions[0].name == version
    assert re.findall(r"^- Asked for: `(.+)`", told, re.M) == [version]
    (ends,) = re.findall(r"^- Ends: (\d{4}-\d\d|none announced)", told, re.M)
    declared = source.versions[0].ends
    assert ends == (f"{declared:%Y-%m}" if declared else "none announced")
    assert specification(source.name), "- From: the vendor's document that was followed"
