"""YAML with the line of every key, so that a fault can be found where it stands."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from warehouse.landing.errors import SettingError

Key = tuple[str | int, ...]


class CompanyError(SettingError):
    """The company's configuration has faults; each names file, line, key and what is allowed."""


@dataclass(frozen=True)
class Document:
    """What a file says, and the line on which each key stands."""

    file: Path
    data: dict[str, Any]
    lines: dict[Key, int] = field(default_factory=dict)

    def place(self, key: Key) -> str:
        """``file:line`` of a key; of what it would stand in, if it is not there."""
        while key and key not in self.lines:
            key = key[:-1]
        return f"{shown(self.file)}:{self.lines.get(key, 1)}"


def shown(file: Path) -> str:
    """A file as whoever typed the command finds it."""
    near = os.path.relpath(file)
    return str(file) if near.startswith("..") else near


def dotted(key: Key) -> str:
    """``owners.web-shop.email``; the items of a list count from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in key)


def read(file: Path) -> Document:
    """Raises CompanyError for what is no YAML, no mapping, or says a key twice."""
    try:
        loader = _Loader(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CompanyError(f"{shown(file)}:1: it cannot be read: {error}") from error
    lines: dict[Key, int] = {}
    try:
        node = loader.get_single_node()
        data = _plain(loader, node, (), lines, file) if node else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CompanyError(f"{shown(file)}:{line}: this is not YAML: {error.problem}") from error
    finally:
        loader.dispose()
    if data is not None and not isinstance(data, dict):
        raise CompanyError(f"{shown(file)}:1: it has no keys; allowed: keys, as `linkage: on`")
    return Document(file, data or {}, lines)


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="aliases are not read, write it out", problem_mark=mark
            )
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


def _plain(loader: _Loader, node: yaml.Node, key: Key, lines: dict[Key, int], file: Path) -> Any:
    lines.setdefault(key, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for name, value in node.value:
            line = name.start_mark.line + 1
            inner = (*key, str(name.value))
            if inner in lines:
                raise CompanyError(
                    f"{shown(file)}:{line}: {dotted(inner)}: line {lines[inner]} says it, too;"
                    " allowed: once"
                )
            lines[inner] = line
            found[str(name.value)] = _plain(loader, value, inner, lines, file)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(loader, item, (*key, number), lines, file)
            for number, item in enumerate(node.value)
        ]
    try:
        return loader.construct_object(node)
    except ValueError as error:  # 2026-02-30 looks like a day
        place = f"{shown(file)}:{node.start_mark.line + 1}"
        raise CompanyError(f"{place}: {dotted(key)}: {error}; allowed: text in quotes") from error
