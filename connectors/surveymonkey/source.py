"""SurveyMonkey: surveys, answers, who was asked. How it is read: README.md.

Everything is asked for survey by survey, or collector by collector. Where the requests of a day are
used up, the rest is put off: the next load begins with it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

from connectors.core import times
from connectors.core.auth import FixedHeader
from connectors.core.budget import Budget
from connectors.core.errors import CursorExpired, IncompleteLoad, QuotaSpent, Retry, VendorError
from connectors.core.http import Client, denied, describe
from connectors.core.paging import Instant, Run
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting, above_zero
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.sweeps import Sweep
from connectors.core.verbatim import Page, split
from warehouse.landing.errors import SettingError
from warehouse.landing.personal import Personal

log = logging.getLogger(__name__)
HOST = "https://api.surveymonkey.com"
VERSION = "v3"
SURVEYS = "extra.surveys"
RATE = "extra.requests_per_minute"
SPARED = "extra.requests_spared"
ROWS = ("data",)
PAGE = 1000
BULK = 100  # responses on a page
SECOND = timedelta(seconds=1)  # what times and filters are exact to
DAY_LEFT = "X-Ratelimit-App-Global-Day-Remaining"
MINUTE_RESET = "X-Ratelimit-App-Global-Minute-Reset"
GONE, WRONG_REGION = "1020", "1018"
ASKED_PEOPLE = ("email", "sms")  # kinds of collectors that are sent to somebody
INVITATIONS = ("invite", "sms")  # kinds of messages that ask for the first time
RESPONSE = Personal(
    "blank",
    carries={
        "email_address": "email",
        "metadata.contact.email.value": "email",
        "metadata.contact.phone.value": "phone",
        "custom_variables.email": "email",
        "custom_variables.phone": "phone",
    },
    also=(
        "first_name",
        "last_name",
        "metadata.contact.first_name.value",
        "metadata.contact.last_name.value",
        "metadata.respondent.user_agent.value",
        "custom_variables.first_name",
        "custom_variables.last_name",
        "custom_variables.name",
        "custom_variables.customer_id",
        "custom_value",
        "ip_address",
        "recipient_id",
        "edit_url",
        "analyze_url",
        "pages.questions.answers.text",
        "pages.questions.answers.download_url",
    ),
)
RECIPIENT = Personal("drop", carries={"email": "email", "phone_number": "phone"})


class NotThere(VendorError):
    """SurveyMonkey does not have a survey, a collector or a response."""


@dataclass
class SurveyMonkey(Api):
    """The surveys of one account, or those of them that are chosen. ``spared``: so many of the
    day's requests are left to others."""

    spared: int = 0
    _collectors: dict[str, list[Page]] = field(default_factory=dict)

    @cached_property
    def surveys(self) -> dict[str, str]:
        """When each survey was changed last."""
        return {
            str(item["id"]): str(item.get("date_modified"))
            for page in self.listed("/surveys", {"include": "date_modified"})
            for item in page.pick("id", "date_modified")
            if isinstance(item, dict) and self.is_chosen(item.get("id"))
        }

    def is_chosen(self, survey: Any) -> bool:
        chosen = self.connection.listed(SURVEYS)
        return bool(survey) and (not chosen or str(survey) in chosen)

    @property
    def senders(self) -> dict[str, str]:
        """The collectors that are sent to somebody, each with its survey."""
        return {
            str(item["id"]): survey
            for survey in self.surveys
            for page in self.collectors(survey)
            for item in page.pick("id", "type")
            if isinstance(item, dict) and item.get("type") in ASKED_PEOPLE and item.get("id")
        }

    def ask(self, path: str, sent: dict[str, Any], rows: tuple[str, ...] | None = ROWS) -> Page:
        """One request. Raises QuotaSpent where the day's requests are used up."""
        left = self.client.answered.get(DAY_LEFT, "")
        if left.isdigit() and int(left) <= self.spared:
            raise QuotaSpent(
                f"{left} of the day's requests are left, and {self.spared} are for others"
                f" ({SPARED}): the rest is read after midnight UTC"
            )
        return self.client.get(f"/{VERSION}{path}", sent, rows=rows)

    def listed(self, path: str, sent: dict[str, Any]) -> Iterator[Page]:
        """All pages of a list, counted by number. Raises IncompleteLoad where rows are missing."""
        number, total, found, is_last = 1, 0, 0, False
        while not is_last:
            page = self.ask(path, {**sent, "page": number, "per_page": PAGE})
            number, found = number + 1, found + len(page.raw)
            total = max(total, page.envelope.get("total") or 0)
            page.is_last = is_last = not page.raw or not _has_next(page)
            if is_last and found < total:
                raise IncompleteLoad(
                    f"the vendor reports {total} rows of {path} and handed over {found}."
                    " Nothing was committed; run it again."
                )
            yield page

    def details(self, survey: str) -> Page:
        """A survey with all of its questions, as a page of its own."""
        page = self.ask(f"/surveys/{survey}/details", {}, None)
        if not isinstance(page.envelope, dict) or str(page.envelope.get("id")) != survey:
            raise VendorError(f"survey {survey}: SurveyMonkey answers with something else")
        return split(json.dumps([page.envelope], ensure_ascii=False, separators=(",", ":")), ())

    def collectors(self, survey: str) -> list[Page]:
        """The collectors of a survey: the ways in which it is asked."""
        if survey not in self._collectors:
            fields = "type,status,response_count,date_created,date_modified"
            pages = list(self.listed(f"/surveys/{survey}/collectors", {"include": fields}))
            self._collectors[survey] = [_named(page, survey_id=survey) for page in pages]
        return self._collectors[survey]

    def invitations(self, collector: str) -> Iterator[tuple[str, datetime]]:
        """The messages by which a collector asked, each with the time at which it was sent."""
        for page in self.listed(f"/collectors/{collector}/messages", {}):
            for item in page.items:
                message = self._message(collector, item)
                sent = message.get("scheduled_date") or message.get("date_created")
                is_sent = message.get("status") in ("sent", "processing")
                if message.get("type") in INVITATIONS and is_sent and sent:
                    yield str(message["id"]), times.parse(str(sent))

    def _message(self, collector: str, item: dict[str, Any]) -> dict[str, Any]:
        if "type" in item and "status" in item and "date_created" in item:
            return item
        found = self.ask(f"/collectors/{collector}/messages/{item['id']}", {}, None).envelope
        return dict(found)

    def gone_surveys(self, surveys: Sequence[str]) -> set[str]:
        return {survey for survey in surveys if not self._has(f"/surveys/{survey}")}

    def gone(self, keys: Sequence[str]) -> set[str]:
        """Those of the responses, ``survey|response``, that SurveyMonkey does not have any more."""
        lost_surveys: dict[str, bool] = {}
        gone = set()
        for key in keys:
            survey, _, response = key.partition("|")
            if survey not in lost_surveys:
                lost_surveys[survey] = not self._has(f"/surveys/{survey}")
            if lost_surveys[survey] or not self._has(f"/surveys/{survey}/responses/{response}"):
                gone.add(key)
        return gone

    def _has(self, path: str) -> bool:
        try:
            self.ask(path, {}, None)
        except NotThere:
            return False
        return True

    def turns(
        self, stream: str, window: Window, pages: Callable[[str, str], Iterator[Page]]
    ) -> Iterator[Run]:
        """A run for each part of a window, those first that were put off. Where the requests of
        the day are used up, the part is put off from where it was left."""
        for part in window.in_turn:
            start = _seconds(window.since_of(part))
            yield Run(partial(self._turn, stream, part, pages), start, label=part)

    def _turn(
        self,
        stream: str,
        part: str,
        pages: Callable[[str, str], Iterator[Page]],
        start: str,
    ) -> Iterator[Page]:
        try:
            yield from pages(part, start)
        except QuotaSpent:
            yield self.left(stream, part, start)

    def left(self, stream: str, part: str, start: str) -> Page:
        """The end of a part that is put off; where it was left first counts."""
        self.put_off.setdefault(stream, {}).setdefault(part, times.parse(start))
        return Page(is_last=True)

    def unless_gone(self, survey: str, pages: Iterator[Page]) -> Iterator[Page]:
        """The pages of a survey; none of one that was deleted, which the sweep tells."""
        try:
            yield from pages
        except NotThere:
            if survey in self.surveys:
                raise
            yield Page(is_last=True)


def _has_next(page: Page) -> bool:
    links = page.envelope.get("links")
    return isinstance(links, dict) and bool(links.get("next"))


def _named(page: Page, **names: str) -> Page:
    """The rows, each with what it belongs to."""
    page.add_to_all(names)
    return page


def _seconds(moment: datetime) -> str:
    """As SurveyMonkey's filters want it: UTC, to the second, without a zone."""
    return times.text(moment)[:19]


def _just_before(start: str) -> str:
    """It says "after this date": nobody knows whether that includes it."""
    return _seconds(times.parse(start) - SECOND)


def _connect(connection: Connection) -> SurveyMonkey:
    rate = above_zero(connection, RATE, 120)

    def check(status: int, answer: Any) -> None:
        error = answer.get("error") if isinstance(answer, dict) else None
        error = error if isinstance(error, dict) else {}
        if status == 404 and str(error.get("id")) == GONE:
            raise NotThere(f"SurveyMonkey does not have what was asked for{describe(answer)}")
        if str(error.get("id")) == WRONG_REGION:
            raise denied(
                f"HTTP {status}{describe(answer)}; accounts of the EU and of Canada have another"
                " host: https://api.eu.surveymonkey.com, https://api.surveymonkey.ca"
            )
        if status == 429:
            if client.answered.get(DAY_LEFT) == "0":
                raise QuotaSpent(
                    "the day's requests are used up: the rest is read after midnight UTC"
                )
            reset = client.answered.get(MINUTE_RESET, "")
            raise Retry(f"HTTP 429{describe(answer)}", float(reset) if reset.isdigit() else None)

    client = Client(
        connection.host or HOST,
        FixedHeader("Authorization", f"Bearer {connection.password}"),
        connection=connection,
        budget=Budget(min(10, rate), rate / 60),
        check=check,
    )
    spared = str(connection.get(SPARED, 25))
    if not spared.isdecimal():
        raise SettingError(f"{SPARED} must be a whole number, 0 or more, not {spared!r}")
    return SurveyMonkey(client, connection, int(spared))


def _surveys(api: SurveyMonkey, window: Window) -> Iterator[Run]:
    def pages(survey: str, start: str) -> Iterator[Page]:
        changed = api.surveys.get(survey, "")
        if changed and times.parse(changed) < window.since_of(survey):
            yield Page(is_last=True)
            return
        yield from api.unless_gone(survey, iter([api.details(survey)]))

    yield from api.turns("surveys", window, pages)


def _all_surveys(api: SurveyMonkey, window: Window) -> Iterator[Run]:
    yield Run(lambda _: api.listed("/surveys", {}), label="all surveys")


def _collectors(api: SurveyMonkey, window: Window) -> Iterator[Run]:
    def pages(survey: str, start: str) -> Iterator[Page]:
        yield from api.unless_gone(survey, iter(api.collectors(survey)))

    yield from api.turns("collectors", window, pages)


def _recipients(api: SurveyMonkey, window: Window) -> Iterator[Run]:
    senders = api.senders

    def pages(collector: str, start: str) -> Iterator[Page]:
        survey = senders.get(collector, "")
        try:
            for message, sent_at in api.invitations(collector):
                if window.since_of(collector) <= sent_at <= window.until:
                    yield from _of_message(api, survey, collector, message, sent_at)
        except NotThere:
            if survey:
                raise
        yield Page(is_last=True)

    yield from api.turns("recipients", window, pages)


def _of_message(
    api: SurveyMonkey, survey: str, collector: str, message: str, sent_at: datetime
) -> Iterator[Page]:
    path = f"/collectors/{collector}/messages/{message}/recipients"
    fields = "survey_response_status,mail_status,custom_fields,extra_fields"
    for page in api.listed(path, {"include": fields}):
        page.is_last = False
        yield _named(
            page,
            survey_id=survey,
            collector_id=collector,
            message_id=message,
            sent_at=times.text(sent_at),
        )


def _responses(api: SurveyMonkey, window: Window) -> Iterator[Run]:
    """By the time of change, oldest first. Pages are counted by number, and a response that is
    edited would move all later ones: so each page is asked for by the newest time."""
    until = _seconds(window.until + SECOND)

    def ask(survey: str, start: str, until: str, number: int = 1) -> Page:
        sent = {
            "start_modified_at": _just_before(start),
            "end_modified_at": until,
            "sort_by": "date_modified",
            "sort_order": "ASC",
            "per_page": BULK,
            "page": number,
        }
        page = api.ask(f"/surveys/{survey}/responses/bulk", sent)
        page.total = page.envelope.get("total")
        page.is_last = not page.raw or not _has_next(page)
        return page

    def pages(survey: str, start: str) -> Iterator[Page]:
        yield from api.unless_gone(survey, by_number(survey, start))

    def by_number(survey: str, start: str) -> Iterator[Page]:
        number, is_last = 1, False
        while not is_last:
            page = ask(survey, start, until, number)
            number, is_last = number + 1, page.is_last
            yield page

    def of_one_second(survey: str, start: str, key: str) -> Iterator[Page]:
        """All of them as one page: no order tells them apart."""
        end = _seconds(times.parse(start) + SECOND)
        found, number, is_last = Page(is_last=True), 1, False
        try:
            while not is_last:
                page = ask(survey, start, end, number)
                if number > 1 and page.total != found.total:
                    raise CursorExpired  # one was edited meanwhile, and moved the others
                found.take(page)
                found.total, number, is_last = page.total, number + 1, page.is_last
        except QuotaSpent:
            found = api.left("responses", survey, start)
        yield found

    for run in api.turns("responses", window, pages):
        by_second = partial(of_one_second, run.label)
        yield Run(
            run.pages,
            run.start,
            _seconds,
            label=f"survey {run.label}",
            shifts=True,
            instant=Instant(by_second, lambda start: _seconds(times.parse(start) + SECOND)),
        )


def _all_responses(api: SurveyMonkey, window: Window) -> Iterator[Run]:
    """All responses that exist, with nothing but their id."""
    for survey in api.surveys:

        def pages(_: str, survey: str = survey) -> Iterator[Page]:
            for page in api.listed(f"/surveys/{survey}/responses", {}):
                yield _named(page, survey_id=survey)

        yield Run(pages, label=f"all responses of survey {survey}")


def _granted(api: SurveyMonkey) -> set[str]:
    """The scopes that the account's user granted to the application."""
    scopes = api.client.get(f"/{VERSION}/users/me").envelope["scopes"]
    return set(scopes["granted"]) & {*scopes.get("available", scopes["granted"])}


SOURCE = Source(
    name="surveymonkey",
    title="SurveyMonkey",
    owner="customer-data",
    schedule="40 3 * * *",
    provides=("survey_responses", "survey_invitations"),
    settings=(
        Setting("password", "access token of the application"),
        Setting(SURVEYS, "ids of the surveys to be read, separated by commas; default: all", False),
        Setting(RATE, "requests in a minute, default 120", False),
        Setting(SPARED, "requests of the day that are left to others, default 25", False),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "surveys",
            "Surveys with their questions",
            _surveys,
            key="id",
            cursor="date_modified",
            required=("id", "title", "pages"),
            parts=lambda api: api.surveys,
            sweep=Sweep(timedelta(days=1), _all_surveys, SurveyMonkey.gone_surveys),
            is_standing=True,
            rests=timedelta(days=365),
        ),
        Stream(
            "responses",
            "Answers, complete or not",
            _responses,
            key="survey_id|id",
            cursor="date_modified",
            overlap=timedelta(hours=2),
            personal=RESPONSE,
            required=("id", "survey_id", "date_modified", "date_created", "response_status"),
            usual=("pages",),
            parts=lambda api: api.surveys,
            feed=Feed("SurveyMonkey responses", "updated_at"),
            sweep=Sweep(timedelta(days=7), _all_responses, SurveyMonkey.gone),
            rests=timedelta(days=7),
        ),
        Stream(
            "collectors",
            "Collectors: the ways in which a survey is asked",
            _collectors,
            key="id",
            cursor="date_modified",
            is_filtered_by_vendor=False,
            required=("id", "survey_id", "type"),
            parts=lambda api: api.surveys,
            is_standing=True,
        ),
        Stream(
            "recipients",
            "Who was asked by e-mail or SMS",
            _recipients,
            key="id",
            cursor="sent_at",
            overlap=timedelta(hours=12),
            personal=RECIPIENT,
            required=("id", "survey_id", "collector_id", "sent_at"),
            parts=lambda api: api.senders,
            is_expected=False,
        ),
    ),
    connect=_connect,
    rights=(
        Right("surveys_read", ("surveys", "responses", "collectors", "recipients"), "no surveys"),
        Right("responses_read", ("responses",), "no word on deleted responses"),
        Right("responses_read_detail", ("responses",), "no answers", note="paid plans only"),
        Right("collectors_read", ("collectors", "recipients"), "who was asked, and how"),
        Right("users_read", ("surveys",), "no word on the rights granted", is_told=False),
    ),
    granted=_granted,
    versions=(Version(VERSION),),
)
