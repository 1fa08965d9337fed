"""The checks as they lie in ``checks/``: a folder per theme, in it the words and a query for each.

``<theme>/_checks.yml`` says of each check what ``check.Words`` asks for. ``<theme>/<name>.sql`` is
its query, a Jinja template that knows what ``sql_context`` gives. Files whose name begins with
``_`` are what templates share. The theme ``landing`` judges landed files, ``publication`` the marts
against what is published, the others the warehouse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from expectations.check import Check, Limits, Override, Words
from expectations.sources import Sources
from warehouse.engines.dialect import Dialect

FOLDER = Path(__file__).with_name("checks")

Subject = Literal["landing", "marts", "publication"]
Feeds = Sequence[Mapping[str, str]]
Overrides = Mapping[str, Override]
NONE: Overrides = MappingProxyType({})


class CatalogueError(Exception):
    """A check is not declared as it must be; the message names file, check and key."""


def suites(
    subject: Subject, sources: Sources, overrides: Overrides = NONE
) -> dict[str, list[Check]]:
    """The checks of what is judged, by theme; ``sources`` are the connections in use.

    ``overrides``: what the company wants otherwise, by the name of the check. Checks that need
    data which none of them provides are left out, and so are themes in which none is left.
    """
    feeds = [
        {
            "title": stream.feed.title + ("" if name == source.vendor else f" ({name})"),
            "happened_at": stream.feed.happened_at,
            "model": f"stg_{source.vendor}__{stream.name}",
            "connection": name,
        }
        for name, source in sources.items()
        for stream in source.streams
        if stream.feed
    ]
    parts = [source.provides for source in sources.values()]
    provided = {data for part in parts for data in part}
    chosen = {
        theme: [
            _with_sql(theme, _in_words(_changed(words, overrides)), feeds)
            for words in declared
            if set(words.needs) <= provided
            and (feeds or not words.needs_feeds)
            and (not words.needs_of_one or any(map(set(words.needs_of_one).issubset, parts)))
        ]
        for theme, declared in _declared_in(FOLDER).items()
        if subject == (theme if theme in get_args(Subject) else "marts")
    }
    return {theme: checks for theme, checks in chosen.items() if checks}


def sql_context(dialect: Dialect, limits: Limits, feeds: Feeds) -> dict[str, Any]:
    """What a template knows: the dialect's functions, the check's limits, the feeds of the sources.

    A feed has a ``title``, the staging ``model``, the ``connection`` whose rows there are its own,
    and ``newest``, SQL for its newest event.
    """
    functions = {name: getattr(dialect, name) for name in vars(Dialect) if name[0] != "_"}
    return {**functions, "limits": limits, "feeds": feeds}


def read(folder: Path) -> dict[str, list[Words]]:
    """What the folder says of its checks, by theme. Raises CatalogueError for what it must not."""
    return {theme: [_in_words(w) for w in words] for theme, words in _declared_in(folder).items()}


def _changed(words: Words, overrides: Overrides) -> Words:
    wanted = overrides.get(words.name, Override())
    return replace(
        words,
        severity=wanted.severity or words.severity,
        limits={**words.limits, **wanted.limits},
    )


def _in_words(words: Words) -> Words:
    """With the limits in the tolerance's words."""
    return replace(words, allowed=words.allowed.format_map(words.limits))


@cache
def _declared_in(folder: Path) -> dict[str, list[Words]]:
    themes: dict[str, list[Words]] = {}
    seen: dict[str, str] = {}
    for file in sorted(folder.glob("*/_checks.yml")):
        theme = file.parent.name
        themes[theme] = list(_declared(file))
        for words in themes[theme]:
            if words.name in seen:
                raise CatalogueError(
                    f"{file}: {words.name}: {seen[words.name]} has a check of this name, too."
                    " Rename one of them."
                )
            seen[words.name] = theme
        queries = {q.stem for q in file.parent.glob("*.sql") if not q.stem.startswith("_")}
        for name in sorted(queries ^ {words.name for words in themes[theme]}):
            lacks = "is not declared here" if name in queries else f"has no query {name}.sql beside"
            raise CatalogueError(f"{file}: {name}: it {lacks}. Add what is missing.")
    return themes


def _declared(file: Path) -> Iterator[Words]:
    from pydantic import TypeAdapter, ValidationError  # takes its time, and only audits need it

    words = TypeAdapter(Words)
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise CatalogueError(f"{file}: this is not YAML: {error}") from error
    if not isinstance(entries, list):
        raise CatalogueError(f"{file}: a list of checks is wanted, each with its name.")
    for number, entry in enumerate(entries, start=1):
        name = entry.get("name") if isinstance(entry, dict) else None
        try:
            check = words.validate_python(entry)
            _in_words(check)
            yield check
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
            )
            raise CatalogueError(f"{file}: {name or f'check {number}'}: {faults}") from error
        except KeyError as error:
            raise CatalogueError(
                f"{file}: {name}: allowed: {error} is not among the limits."
            ) from None


def _with_sql(theme: str, words: Words, feeds: Feeds) -> Check:
    said = {field.name: getattr(words, field.name) for field in fields(words)}
    return Check(**said, sql=partial(_sql, f"{theme}/{words.name}.sql", words.limits, feeds))


def _sql(template: str, limits: Limits, feeds: Feeds, dialect: Dialect) -> str:
    try:
        return _templates().get_template(template).render(sql_context(dialect, limits, feeds))
    except TemplateError as error:
        raise CatalogueError(f"{FOLDER / template}: it cannot be rendered: {error}") from error


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  # SQL of this project's own, no page
    )
