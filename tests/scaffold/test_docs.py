"""`docs/add-a-source.md` tells of the toy source and of the project as they are."""

from __future__ import annotations

import re
import shlex
import subprocess
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest
import typer.main

from o2o import cli
from scaffold.__main__ import PROJECT, TOY

PAGE = (PROJECT / "docs" / "add-a-source.md").read_text(encoding="utf-8")
CODE = (".py", ".sql", ".yml", ".csv", ".txt")


class Block(NamedTuple):
    """A fenced block: the file that the line before it names, its language, its text."""

    file: str
    language: str
    text: str


FENCE = r"(?:^`([^`\n]+)`:\n\n)?^```(\w*)\n(.*?)^```$"
BLOCKS = [Block(*found) for found in re.findall(FENCE, PAGE, re.MULTILINE | re.DOTALL)]
SNIPPETS = [block for block in BLOCKS if block.language != "sh"]
COMMANDS = [
    line for block in BLOCKS if block.language == "sh" for line in block.text.strip().splitlines()
]
PROSE = re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL)
NAMES = sorted(set(re.findall(r"`([^`\n]+)`", PROSE)))


def test_the_page_walks_through_the_toy() -> None:
    assert PAGE.count("\n```") == 2 * len(BLOCKS)
    named = {block.file for block in SNIPPETS} | set(NAMES)
    toy = {str(path.relative_to(TOY)) for path in TOY.rglob("*") if path.suffix != ".pyc"}
    files = {name for name in toy if (TOY / name).is_file() and not name.endswith("__init__.py")}
    assert files <= named, "the page says nothing of these files"


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda block: block.file)
def test_a_snippet_is_the_toys_own_text(snippet: Block) -> None:
    assert snippet.file, f"say in the line before which file this is of:\n{snippet.text}"
    assert snippet.text in (TOY / snippet.file).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_one_that_there_is(command: str) -> None:
    program, *arguments = shlex.split(command)
    if program == "make":
        subprocess.run(["make", "-n", *arguments], cwd=PROJECT, check=True, capture_output=True)
    elif program == "o2o":
        commands = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
        known = {option for each in commands[arguments[0]].params for option in each.opts}
        assert {word for word in arguments if word.startswith("--")} <= known
    else:
        assert program == ".venv/bin/pytest"
        assert (PROJECT / arguments[0]).exists()


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Every word of the code, and the names of its files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True, text=True
    )
    found: set[str] = set()
    for name in filter(None, listed.stdout.split("\0")):
        path = PROJECT / name
        if path.suffix in CODE and path.is_file() and path != Path(__file__):
            found |= {path.name, path.stem}
            found |= set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_that_there_is(name: str, words: set[str]) -> None:
    package = name.partition(".")[0]
    if name.startswith("make "):
        assert re.search(rf"^{name.split()[1]}:", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    elif "/" in name:
        assert (PROJECT / name).exists() or (TOY / name).exists()
    elif "." in name and (PROJECT / package / "__init__.py").exists():
        module, _, attribute = name.rpartition(".")
        assert hasattr(import_module(module), attribute)
    else:
        assert name in words or set(re.findall(r"\w+", name)) <= words
