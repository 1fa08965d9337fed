"""Typeform: forms with their questions, and what people answered. How it is read: README.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any
from urllib.parse import quote

from connectors.core import times
from connectors.core.auth import Auth, FixedHeader, RotatingGrant, Token, refresh_grant
from connectors.core.budget import Budget
from connectors.core.errors import IncompleteLoad, VendorError
from connectors.core.http import Client, describe, token_request
from connectors.core.paging import Run
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting, above_zero
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.sweeps import Sweep
from connectors.core.verbatim import Page
from warehouse.landing.errors import SettingError
from warehouse.landing.personal import Personal

HOST = "https://api.typeform.com"
VERSION = "unversioned"
FORMS = "extra.forms"
RATE = "extra.requests_per_second"
ROWS = ("items",)
PAGE = 1000
LISTED = 200  # forms on a page of the list
GONE = ("FORM_NOT_FOUND", "NOT_FOUND")
SECOND = timedelta(seconds=1)  # what Typeform's filters are exact to
PERSONAL = Personal(
    "blank",
    carries={
        "answers.email": "email",
        "answers.phone_number": "phone",
        "hidden.email": "email",
        "hidden.phone": "phone",
    },
    also=(
        "answers.text",
        "answers.url",
        "answers.file_url",
        "answers.multi_format.video_url",
        "answers.multi_format.audio_url",
        "hidden.first_name",
        "hidden.last_name",
        "hidden.name",
        "hidden.customer_id",
        "metadata.user_agent",
        "metadata.referer",
        "metadata.network_id",
        "variables.text",
    ),
)


class NotThere(VendorError):
    """Typeform does not have a form."""


@dataclass
class Typeform(Api):
    """The forms of one account, or those of them that are chosen."""

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The ids of the forms."""
        if chosen := self.connection.listed(FORMS):
            return chosen
        found: list[str] = []
        for page in self.list_of_forms():
            found += [_id(item) for item in page.pick("id")]
        return tuple(dict.fromkeys(filter(None, found)))

    def list_of_forms(self) -> Iterator[Page]:
        """All pages, counted by number. Raises IncompleteLoad where forms are missing: one that is
        edited meanwhile moves others over the page break."""
        number, total = 1, 0
        found: set[str] = set()
        while True:
            asked = {"page": number, "page_size": LISTED}
            page = self.client.get("/forms", asked, rows=ROWS)
            total = max(total, page.envelope.get("total_items") or 0)
            found.update(page.raw)
            page.is_last = not page.raw or number >= int(page.envelope.get("page_count") or 1)
            if page.is_last and len(found) < total:
                raise IncompleteLoad(
                    f"Typeform reports {total} forms and handed over {len(found)}. Nothing was"
                    " committed; run it again."
                )
            yield page
            if page.is_last:
                return
            number += 1

    def with_definition(self, window: Window, page: Page) -> Page:
        """The forms that are chosen, those that changed with their questions."""
        chosen = self.connection.listed(FORMS)
        kept: list[int] = []
        for number, item in enumerate(page.pick("id", "last_updated_at")):
            form = _id(item)
            if chosen and form and form not in chosen:
                continue
            kept.append(number)
            if form and number not in page.unread and _changed(item, window.since):
                page.add_to(number, "definition", self.form(form))
        page.unread = {at: page.unread[n] for at, n in enumerate(kept) if n in page.unread}
        page.raw = [page.raw[number] for number in kept]
        return page

    def form(self, form: str) -> dict[str, Any]:
        found = self.client.get(f"/forms/{quote(form, safe='')}").envelope
        if not isinstance(found, dict) or found.get("id") != form:
            raise VendorError(f"form {form}: Typeform answers with something else")
        return found

    def gone_forms(self, forms: Sequence[str]) -> set[str]:
        """Those of the forms that Typeform does not have any more."""
        gone: set[str] = set()
        for form in forms:
            try:
                self.form(form)
            except NotThere:
                gone.add(form)
        return gone

    def page(self, form: str, asked: dict[str, Any], before: str) -> Page:
        """One page of a form's responses, newest first, each with its form."""
        sent = {**asked, "page_size": PAGE, **({"before": before} if before else {})}
        page = self.client.get(f"/forms/{quote(form, safe='')}/responses", sent, rows=ROWS)
        if not before:
            # Behind a token it is told of all, or of those that are left: the first word counts.
            page.total = page.envelope.get("total_items")
        page.add_to_all({"form_id": form})
        return page

    def responses(self, form: str, asked: dict[str, Any]) -> Iterator[Page]:
        """All pages; none of a form that is deleted."""
        before, seen = "", set()
        while True:
            try:
                page = self.page(form, asked, before)
            except NotThere:
                if form in self.forms:
                    raise
                yield Page(is_last=True)  # deleted with all of its responses, as the sweep tells
                return
            tokens = [str(item["token"]) for item in page.pick("token") if _has_token(item)]
            more = len(page.raw) >= PAGE or int(page.envelope.get("page_count") or 1) > 1
            page.is_last = not (more and page.raw)
            yield page
            if page.is_last:
                return
            if not tokens:
                raise VendorError(f"form {form}: a page without one token: there is no way on")
            before = tokens[-1]
            if before in seen:
                raise VendorError(
                    f"form {form}: the last response's token leads back to a page just read."
                    " Nothing was committed; run it again"
                )
            seen.add(before)

    def gone(self, keys: Sequence[str]) -> set[str]:
        """Those of the responses, ``form|token``, that Typeform does not have any more."""
        by_form: dict[str, list[str]] = {}
        for key in keys:
            form, _, token = key.partition("|")
            by_form.setdefault(form, []).append(token)
        gone: set[str] = set()
        for form, tokens in by_form.items():
            asked = {"included_response_ids": ",".join(tokens)}
            try:
                there = {
                    str(item["token"])
                    for item in self.page(form, asked, "").pick("token")
                    if _has_token(item)
                }
            except NotThere:
                there = set()
            gone.update(f"{form}|{token}" for token in tokens if token not in there)
        return gone


def _id(item: Any) -> str:
    found = item.get("id") if isinstance(item, dict) else None
    return found if isinstance(found, str) else ""


def _has_token(item: Any) -> bool:
    return isinstance(item, dict) and bool(item.get("token"))


def _changed(item: dict[str, Any], since: datetime) -> bool:
    try:
        return times.parse(str(item.get("last_updated_at"))) >= since
    except ValueError:
        return False  # set aside as it came


def _seconds(moment: datetime) -> str:
    """As Typeform's filters want it: UTC, to the second."""
    return times.text(moment)[:19]


def _check(status: int, answer: Any) -> None:
    if status == 404 and isinstance(answer, dict) and answer.get("code") in GONE:
        raise NotThere(f"Typeform does not have what was asked for{describe(answer)}")


def _connect(connection: Connection) -> Typeform:
    host = connection.host or HOST
    auth: Auth
    if refresh_token := str(connection.get("extra.refresh_token")):
        if not connection.login:
            raise SettingError("login (the application's client id) is needed to refresh tokens")
        tokens = Client(host, connection=connection)

        def trade(token: str) -> dict[str, Any]:
            grant = refresh_grant(connection.login, connection.password, token)
            return token_request(tokens, "/oauth/token", data=grant)

        auth = Token(RotatingGrant(trade, refresh_token, connection.kept, "the application"))
    else:
        auth = FixedHeader("Authorization", f"Bearer {connection.password}")
    rate = above_zero(connection, RATE, 2)
    budget = Budget(rate, rate)
    client = Client(host, auth, connection=connection, budget=budget, check=_check)
    return Typeform(client, connection)


def _forms(api: Typeform, window: Window) -> Iterator[Run]:
    run = Run(lambda _: api.list_of_forms(), label="forms")
    yield run.each(partial(api.with_definition, window))


def _all_forms(api: Typeform, window: Window) -> Iterator[Run]:
    yield Run(lambda _: api.list_of_forms(), label="all forms")


def _responses(api: Typeform, window: Window) -> Iterator[Run]:
    for form in window.parts:
        asked = {
            "response_type": "completed",
            "since": _seconds(window.since_of(form)),
            "until": _seconds(window.until + SECOND),
        }
        yield _run(api, form, asked)


def _all_responses(api: Typeform, window: Window) -> Iterator[Run]:
    for form in api.forms:
        yield _run(api, form, {"response_type": "completed"})


def _partial_responses(api: Typeform, window: Window) -> Iterator[Run]:
    for form in api.forms:
        yield _run(api, form, {"response_type": "partial"})


def _run(api: Typeform, form: str, asked: dict[str, Any]) -> Run:
    return Run(lambda _: api.responses(form, asked), label=f"form {form}")


SOURCE = Source(
    name="typeform",
    title="Typeform",
    owner="customer-data",
    schedule="25 * * * *",
    provides=("survey_responses",),
    settings=(
        Setting("password", "personal access token, or the OAuth client secret"),
        Setting("login", "OAuth client id", False),
        Setting("extra.refresh_token", "OAuth refresh token", False),
        Setting(FORMS, "ids of the forms to be read, separated by commas; default: all", False),
        Setting(RATE, "requests in a second, default 2", False),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "forms",
            "Forms with their questions",
            _forms,
            key="id",
            cursor="last_updated_at",
            is_filtered_by_vendor=False,
            required=("id", "title", "definition"),
            sweep=Sweep(timedelta(days=1), _all_forms, Typeform.gone_forms),
            is_standing=True,
        ),
        Stream(
            "responses",
            "Completed responses",
            _responses,
            key="form_id|token",
            cursor="submitted_at",
            overlap=timedelta(hours=2),
            personal=PERSONAL,
            required=("token", "form_id", "submitted_at", "landed_at"),
            usual=("answers",),
            parts=lambda api: api.forms,
            feed=Feed("Typeform responses", "submitted_at"),
            sweep=Sweep(timedelta(days=1), _all_responses, Typeform.gone, is_whole=True),
            rests=timedelta(days=7),
        ),
        Stream(
            "partial_responses",
            "Responses that were begun and not submitted",
            _partial_responses,
            key="form_id|token",
            every=timedelta(days=1),
            personal=PERSONAL,
            required=("token", "form_id", "landed_at"),
            is_expected=False,
        ),
    ),
    connect=_connect,
    rights=(
        Right("forms:read", ("forms",), "no forms, and no responses", is_told=False),
        Right("responses:read", ("responses", "partial_responses"), "no responses", is_told=False),
    ),
    versions=(Version(VERSION),),
)
