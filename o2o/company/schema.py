"""What a company may say: one schema, checked as a whole.

Names that must exist (sources, roles, checks, currencies, zones) are compared with those that do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from connectors.connections import FILES, FORM, LABEL, TABLE, connected, vendor
from connectors.core.errors import UnknownName, near
from connectors.registry import SOURCES
from expectations import catalogue
from expectations.owners import Owner
from o2o.company.currencies import PROJECT, exponents, rated
from o2o.company.loaders import CONTRACTS, LOADERS
from o2o.company.reading import CompanyError, Document, Key, dotted
from o2o.company.tables import seeded

MANY = 40  # more names than this are not listed


def _must_be(kind: str, text: str, names: Iterable[str], key: Key = ()) -> None:
    """Raises what pydantic collects; ``key`` where the fault is deeper than what is validated."""
    known = sorted(names)
    if text not in known:
        raise PydanticCustomError(
            "name", "there is no {kind} {text}{near}",
            {
                "kind": kind, "text": repr(text), "near": near(text, known),
                "allowed": known or ["none here"], "key": key,
            },
        )  # fmt: skip


def _named(kind: str, names: Iterable[str]) -> AfterValidator:
    """Text that is one of these names."""

    def check(text: str) -> str:
        _must_be(kind, text, names)
        return text

    return AfterValidator(check)


def _form(text: str, wanted: str, key: Key = ()) -> PydanticCustomError:
    told = {"text": repr(text), "allowed": [wanted], "key": key}
    return PydanticCustomError("form", "{text} is not allowed", told)


def _written(pattern: str, wanted: str) -> AfterValidator:
    """Text of this form."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise _form(text, wanted)
        return text

    return AfterValidator(check)


@cache
def shipped() -> dict[str, Any]:
    """The variables of the dbt project: what holds where a company says nothing."""
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    return dict(project["vars"])


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Reporting(_Part):
    """What every amount is converted to, whose days are a report's, what credits a sale."""

    currency: str | None = None
    time_zone: Annotated[str, _named("time zone", available_timezones())] | None = None
    attribution_model: (
        Annotated[str, _named("attribution model", seeded("attribution_models"))] | None
    ) = None


def _code_pattern(text: str) -> str:
    try:
        groups = re.compile(text).groups
    except re.error:
        groups = 0
    if groups != 1 or "'" in text:
        raise _form(text, r"a regular expression with one group and no quotes, '\b(S[0-9]{3})\b'")
    return text


class Stores(_Part):
    """How a name tells which store it is of."""

    code_pattern: Annotated[str, AfterValidator(_code_pattern)] | None = None


def _pattern(text: str) -> str:
    try:
        re.compile(text)
        is_one = not {"'", "\\"} & {*text} and text == text.lower()
    except re.error:
        is_one = False
    if not is_one:
        raise _form(text, "a regular expression in small letters, without quotes and backslashes")
    return text


class Leads(_Part):
    """How the status of a lead tells that it came to nothing."""

    lost_pattern: Annotated[str, AfterValidator(_pattern)] | None = None


class Contact(_Part):
    """Who answers for a role: shown on the owners' page, and told what goes wrong."""

    name: Annotated[str, Field(min_length=1)] | None = None
    email: Annotated[str, _written(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address")] | None = None
    phone: Annotated[
        str, _written(r"\+?[0-9][0-9 ()/-]{3,}", "a phone number, in quotes: '+49 30 1234'")
    ] | None = None  # fmt: skip
    webhook: Annotated[
        str, _written(r"[a-z0-9_]+", "the name of a connection, chat_stores for o2o_chat_stores")
    ] | None = None  # fmt: skip


class Alerts(_Part):
    """How owners are told."""

    report_url: Annotated[
        str, _written(r"https?://[^\s]+", "the address of the owners' page, https://…")
    ] | None = None  # fmt: skip
    reminder_days: Annotated[int, Field(ge=0)] | None = None


# Lowest and highest number of a cron line's minute, hour, day, month and day of the week.
_CRON = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_CRON_PART = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?")


def _schedule(text: str) -> str:
    fields = text.split()
    parts = [
        (_CRON_PART.fullmatch(part), *edges)
        for field, edges in zip(fields, _CRON, strict=False)
        for part in field.split(",")
    ]
    if len(fields) != len(_CRON) or not all(
        part and low <= int(part[1] or low) <= int(part[2] or part[1] or high) <= high
        for part, low, high in parts
    ):
        raise _form(text, 'a cron line in UTC, "15 4 * * *"')
    return text


def _day(value: Any) -> Any:
    """A day in quotes is one, too."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


class Connection(_Part):
    """What is otherwise for a connection than its source says."""

    title: Annotated[str, Field(min_length=1)] | None = None
    owner: Annotated[str, _named("role", Owner)] | None = None
    schedule: Annotated[str, AfterValidator(_schedule)] | None = None
    start_date: Annotated[date, BeforeValidator(_day)] | None = None
    skip_streams: list[str] = []
    via: str | None = None
    contracts: list[str] = []
    folder: Annotated[str, Field(min_length=1)] | None = None
    description: Annotated[str, Field(min_length=1)] | None = None
    tables: (
        Annotated[
            str,
            _written(
                r"(?=.*\{table\})([\w{}]+(\.[\w{}]+){1,2}|[^\s'\"`]*/[^\s'\"`]*)",
                "schema.{table}, database.schema.{table} or Parquet files, /data/{table}/*.parquet",
            ),
        ]
        | None
    ) = None


def _connection(name: str, key: Key = ()) -> str:
    try:
        _must_be("source", vendor(name), SOURCES, key)
    except UnknownName:
        raise _form(name, FORM, key) from None
    return name


def _tabled(name: str, said: Connection, key: Key) -> None:
    """Whether all is said of tables that are contracts already."""
    if not LABEL.fullmatch(name):
        raise _form(name, "a name of a-z, 0-9 and _", key)
    if said.tables is None or not said.contracts:
        raise _form(TABLE, "with it tables and contracts, both", (*key, "via"))
    for number, contract in enumerate(said.contracts):
        _must_be("contract", contract, CONTRACTS, (*key, "contracts", number))
    for idle in ("schedule", "start_date", "skip_streams"):
        if getattr(said, idle):
            raise _form(idle, "nothing: such tables are read by every build", (*key, idle))


def _filed(name: str, said: Connection, key: Key) -> None:
    """Whether all is said of files that a description tells the contracts of."""
    if not LABEL.fullmatch(name):
        raise _form(name, "a name of a-z, 0-9 and _", key)
    if vendor(name) in SOURCES:
        raise _form(name, "a name that is not a source's", key)
    if said.folder is None or said.description is None:
        raise _form(FILES, "with it folder and description, both", (*key, "via"))
    for idle in ("start_date", "skip_streams", "contracts", "tables"):
        if getattr(said, idle):
            raise _form(idle, "nothing: the description says what the files are", (*key, idle))


def _once(names: list[str]) -> list[str]:
    for number, name in enumerate(names):
        if name in names[:number]:
            raise _form(name, "a name once", ("connections", number))
    return names


def _settings(said: dict[str, Connection | None]) -> dict[str, Connection | None]:
    titles: dict[str, str] = {}
    for name, settings in said.items():
        key: Key = ("connections", name)
        if settings and settings.via == TABLE:
            _tabled(name, settings, key)
            continue
        if settings and settings.via == FILES:
            _filed(name, settings, key)
            continue
        _connection(name, key)
        for alone in ("folder", "description"):
            if settings and getattr(settings, alone):
                raise _form(alone, f"where via is {FILES}", (*key, alone))
        if settings and settings.contracts:
            raise _form("contracts", f"where via is {TABLE}", (*key, "contracts"))
        streams = [stream.name for stream in SOURCES[vendor(name)].streams]
        for number, stream in enumerate(settings.skip_streams if settings else ()):
            _must_be("stream", stream, streams, (*key, "skip_streams", number))
        _loaded(vendor(name), settings or Connection(), key)
        title = connected(name, title=settings.title if settings else None).title
        if title in titles:
            raise _form(title, f"a title that {titles[title]} has not", (*key, "title"))
        titles[title] = name
    return said


def _loaded(source: str, said: Connection, key: Key) -> None:
    """Whether the other loader of a connection, if there is one, is known and all is said of it."""
    if said.via is None and said.tables is None:
        return
    if said.via is None or said.tables is None:
        half = "tables" if said.via is None else "via"
        raise _form(str(said.via or said.tables), "via and tables, both", (*key, half))
    _must_be("loader", said.via, [*LOADERS, TABLE, FILES], (*key, "via"))
    if source not in LOADERS[said.via]:
        known = (f"{loader} for {', '.join(LOADERS[loader])}" for loader in LOADERS)
        raise _form(said.via, "; ".join(known), (*key, "via"))
    for idle in ("schedule", "start_date", "skip_streams"):
        if getattr(said, idle):
            raise _form(idle, f"what {said.via} fetches, and when, is set there", (*key, idle))


Name = Annotated[str, AfterValidator(_connection)]
# The tags are no part of the document: `_faults` leaves out what stands in brackets.
Connections = Annotated[
    Annotated[list[Name], Field(min_length=1), AfterValidator(_once), Tag("[list]")]
    | Annotated[
        dict[str, Connection | None], Field(min_length=1), AfterValidator(_settings), Tag("[keys]")
    ],
    Discriminator(lambda said: "[keys]" if isinstance(said, dict) else "[list]"),
]


class Build(_Part):
    """When it is looked whether anything new has landed, and built if so."""

    schedule: Annotated[str, AfterValidator(_schedule)] | None = None


class Upkeep(_Part):
    """How long is kept what only grows."""

    runs_days: Annotated[int, Field(ge=2)] | None = None
    logs_days: Annotated[int, Field(ge=2)] | None = None


class Change(_Part):
    """What is different for a check."""

    severity: Literal["fail", "warn"] | None = None
    limits: dict[str, Annotated[int | float, Field(ge=0)]] = {}


@cache
def _declared() -> dict[str, list[str]]:
    """The checks that there are, each with its limits."""
    themes = catalogue.read(catalogue.FOLDER).values()
    return {words.name: list(words.limits) for theme in themes for words in theme}


def _check(name: str) -> str:
    _must_be("check", name, _declared())
    return name


def _limits(changes: dict[str, Change]) -> dict[str, Change]:
    for name, change in changes.items():
        for limit in change.limits:
            _must_be("limit", limit, _declared()[name], ("checks", name, "limits", limit))
    return changes


Day = Annotated[date, BeforeValidator(_day)]
Words = Annotated[str, Field(min_length=1)]


class Gap(_Part):
    """Where a check may be off, for a while."""

    check: Annotated[str, AfterValidator(_check)]
    place: Words
    first_day: Day | None = None
    last_day: Day | None = None
    until: Day
    reason: Words
    by: Words


def _gaps(gaps: list[Gap]) -> list[Gap]:
    for number, gap in enumerate(gaps):
        key = ("accepted_gaps", number, "last_day")
        if gap.last_day and (gap.first_day is None or gap.last_day < gap.first_day):
            raise _form(str(gap.last_day), "first_day, or a later day", key)
    return gaps


class Schema(_Part):
    """A company's configuration."""

    reporting: Reporting = Reporting()
    stores: Stores = Stores()
    leads: Leads = Leads()
    connections: Connections | None = None
    owners: dict[Annotated[str, _named("role", Owner)], Contact] = {}
    alerts: Alerts = Alerts()
    build: Build = Build()
    upkeep: Upkeep = Upkeep()
    experiments: Annotated[str, Field(min_length=1)] | None = None
    linkage: bool | None = None
    checks: Annotated[
        dict[Annotated[str, AfterValidator(_check)], Change], AfterValidator(_limits)
    ] = {}
    accepted_gaps: Annotated[list[Gap], AfterValidator(_gaps)] = []

    @property
    def named(self) -> dict[str, dict[str, Any]]:
        """The connections that are named, each with its settings."""
        if isinstance(self.connections, dict):
            return {name: dict(said or ()) for name, said in self.connections.items()}
        return {name: {} for name in self.connections or ()}


def quoted(said: Schema) -> Collection[str]:
    """The currencies that the feeds in use have rates of; without a feed, those that ship."""
    found: set[str] = set()
    for name, settings in (said.named or {name: {} for name in SOURCES}).items():
        if settings.get("via") not in (TABLE, FILES):
            found.update(SOURCES[vendor(name)].quotes)
        elif "exchange_rates" in settings["contracts"]:
            return exponents()  # what the table has, only a build can tell
    return found or rated()


def checked(document: Document, rates: Callable[[Schema], Collection[str]] = quoted) -> Schema:
    """What the document says. Raises CompanyError with every fault that was found.

    ``rates``: tells the currencies with an exchange rate; asked only if one is named.
    """
    try:
        said = Schema.model_validate(document.data)
        key = ("reporting", "currency")
        currency = said.reporting.currency
        if currency and currency not in (known := rates(said)):
            raise CompanyError(
                f"{document.place(key)}: {dotted(key)}: there is no currency with an exchange rate"
                f" {currency!r}{near(currency, known)}; allowed: {', '.join(sorted(known))}"
            )
        return said
    except ValidationError as error:
        told = "\n".join(dict.fromkeys(_faults(document, error.errors())))
        raise CompanyError(told) from None


def _faults(document: Document, errors: Iterable[ErrorDetails]) -> Iterator[str]:
    for error in errors:
        # Alternatives of a type and what stands in brackets are no part of the document.
        theirs = ("int", "float", "[key]", "[keys]", "[list]")
        key: Key = tuple(part for part in error["loc"] if part not in theirs)
        key = error.get("ctx", {}).get("key") or key
        what, allowed = _words(error, key)
        yield f"{document.place(key)}: {dotted(key)}: {what}; allowed: {allowed}"


def _words(error: ErrorDetails, key: Key) -> tuple[str, str]:
    """What is wrong, and what would be right."""
    told, ctx = repr(error["input"]), error.get("ctx", {})
    if error["type"] == "missing":
        return "it is missing", "a day, 2026-03-01" if key[-1] == "until" else "text"
    if error["type"] == "extra_forbidden":
        known = _keys(key[:-1])
        return f"there is no such key{near(str(key[-1]), known)}", ", ".join(known)
    if error["type"] in ("name", "form"):
        names = ctx["allowed"]
        listed = ", ".join(names) if len(names) <= MANY else f"any of {len(names)} names"
        return error["msg"], listed
    wanted = {
        "bool_type": "on, off",
        "dict_type": "keys with their values",
        "model_type": "keys with their values: " + ", ".join(_keys(key)),
        "date_type": "a day, 2026-03-01",
        "list_type": "a list of gaps, each with its keys: " + ", ".join(Gap.model_fields)
        if key == ("accepted_gaps",)
        else "a list of names, [one, another]",
        "string_type": "text; in quotes, if it looks like a number",
        "literal_error": str(ctx.get("expected", "")).replace("'", "").replace(" or ", ", "),
        "too_short": "one at least; leave the key out for all",
        "greater_than_equal": f"a number, {ctx.get('ge', 0)} or more",
        "string_too_short": "text; leave the key out for none",
    }
    return f"{told} is not allowed", wanted.get(error["type"], "a number, 0 or more")


def _keys(key: Key) -> list[str]:
    """The keys that may stand under a key."""
    match key:
        case ("reporting",):
            part: type[BaseModel] = Reporting
        case ("connections", _):
            part = Connection
        case ("owners", _):
            part = Contact
        case ("alerts",):
            part = Alerts
        case ("build",):
            part = Build
        case ("upkeep",):
            part = Upkeep
        case ("checks", _):
            part = Change
        case ("accepted_gaps", _):
            part = Gap
        case _:
            part = Schema
    return list(part.model_fields)
