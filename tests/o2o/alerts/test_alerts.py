"""An incident is told once, and its end once, whatever fails on the way."""

from __future__ import annotations

import logging
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.core.settings import Connection
from expectations.runner import CheckResult, Culprit, Total
from o2o.alerts import Addresses, Incidents, Links, Problem, channels, deliver, of_check, of_task
from o2o.alerts.channels import Message, NotSent, chat, email
from o2o.alerts.messages import without_people
from o2o.company import Contact
from tests.o2o.conftest import CHAT_SECRET, Chat, Mailbox
from warehouse.landing.storage import Storage

NOW = datetime(2026, 5, 1, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
OWNERS = {
    "web-shop": Contact("Clara Rossi", "shop@retailer.example", webhook="chat"),
    "data-platform": Contact("Mira Lindholm", "data@retailer.example"),
}
LINKS = Links("https://reports.retailer.example/")


def check(*places: str, status: str = "failed") -> CheckResult:
    return CheckResult(
        name="orders_conserved",
        suite="orders",
        severity="fail",
        owner="web-shop",
        status=status,  # type: ignore[arg-type]
        title="Every order is in the marts",
        means="",
        action="Compare the named days with the shop.",
        left_label="the shop",
        right_label="the marts",
        allowed="",
        compared=9,
        off=len(places),
        totals=[Total("EUR", Decimal(1200), Decimal(1000), Decimal(200))],
        culprits=[
            Culprit(place, "2026-04-30", "EUR", Decimal(1200), Decimal(1000), Decimal(200),
                    Decimal(0), "order 4711 of paula@people.example")
            for place in places
        ],
        places=list(places),
    )  # fmt: skip


class Office:
    """An installation whose checks are judged hour by hour."""

    def __init__(self, folder: Path, secrets: Any, reminder: timedelta | None = None) -> None:
        self.incidents = Incidents(Storage(str(folder)))
        self.addresses = Addresses(OWNERS, secrets)
        self.reminder = reminder
        self.hour = 0

    def judge(self, *found: CheckResult) -> int:
        problems = [p for each in found for p in of_check(each, "marts", LINKS)]
        return self.note(problems, "check:")

    def note(self, problems: list[Problem], subject: str) -> int:
        now = NOW + self.hour * HOUR
        self.hour += 1
        self.incidents.found(problems, now, judged=lambda p: p.subject.startswith(subject))
        return deliver(
            self.incidents,
            self.addresses,
            now,
            mine=lambda p: p.subject.startswith(subject),
            reminder=self.reminder,
        )


@pytest.fixture
def office(tmp_path: Path, secrets: Any) -> Office:
    return Office(tmp_path, secrets)


def test_an_incident_arrives_once_in_mailbox_and_chat_and_so_does_its_end(
    office: Office, mailbox: Mailbox, chat: Chat
) -> None:
    for _ in range(3):
        office.judge(check("Berlin"))
    office.judge()
    office.judge()
    title = "Every order is in the marts (orders_conserved)"
    assert mailbox.subjects == [f"[o2o] {title}", f"[o2o] over: {title}"]
    assert [text.splitlines()[0] for text in chat.texts] == [f"*{s}*" for s in mailbox.subjects]
    first, last = mailbox.text(0), mailbox.text(1)
    assert mailbox.mails[0]["To"] == "shop@retailer.example"
    assert "Since: 1 May 2026, 06:00 UTC" in first
    assert "Owner: web-shop (Clara Rossi)" in first
    assert "Where: Berlin" in first
    assert "the shop | the marts" in first
    assert "2026-04-30: 12.00 EUR | 10.00 EUR, gap 2.00 EUR" in first
    assert "To do: Compare the named days with the shop." in first
    assert "More: https://reports.retailer.example/#orders_conserved" in first
    assert "Nothing new is published until it passes." in first
    assert "from 1 May 2026, 06:00 UTC to 1 May 2026, 09:00 UTC" in last
    assert "paula" not in first + last
    assert office.incidents.all() == []


def test_places_that_fail_together_are_one_message_and_a_further_one_is_news(
    office: Office, mailbox: Mailbox
) -> None:
    office.judge(check("Berlin", "Hamburg"))
    office.judge(check("Berlin", "Hamburg", "Wien"))
    office.judge(check("Hamburg", "Wien"))
    assert [s.partition(")")[2] for s in mailbox.subjects] == [", at 2 places", "", ""]
    assert "Where: Wien" in mailbox.text(1)
    assert "Berlin" not in mailbox.text(1)
    assert mailbox.subjects[2].startswith("[o2o] over:")
    assert "Where: Berlin" in mailbox.text(2)


def test_a_dead_mail_server_costs_nothing_but_time_and_is_tried_again(
    office: Office, mailbox: Mailbox, chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    port, mailbox.port = mailbox.port, 1
    with caplog.at_level(logging.ERROR):
        assert office.judge(check("Berlin")) == 1
    assert "not sent by email: 127.0.0.1:1 did not take the e-mail" in caplog.text
    assert [each.trouble for each in office.incidents.all()] == [
        "email: 127.0.0.1:1 did not take the e-mail: [Errno 111] Connection refused"
    ]
    assert len(chat.texts) == 1  # the other way is open
    mailbox.port = port
    # Whoever comes next tries it, also with nothing found: here a task that works.
    assert office.note([], "task:ingest__acme.extract") == 0
    assert len(mailbox.mails) == len(chat.texts) == 1
    (incident,) = office.incidents.all()
    assert incident.trouble == ""


def test_what_came_back_before_its_end_could_be_told_has_just_gone_on(
    office: Office, mailbox: Mailbox, chat: Chat
) -> None:
    office.judge(check("Berlin"))
    port, mailbox.port = mailbox.port, 1
    office.judge()  # the chat is told that it is over, the mailbox is not
    office.judge(check("Berlin"))
    mailbox.port = port
    office.judge(check("Berlin"))
    assert [s.startswith("[o2o] Every") for s in mailbox.subjects] == [True]
    assert ["over" in text.splitlines()[0] for text in chat.texts] == [False, True, False]


def test_an_end_is_told_although_the_beginning_could_not_be(
    office: Office, mailbox: Mailbox
) -> None:
    port, mailbox.port = mailbox.port, 1
    office.judge(check("Berlin"))
    mailbox.port = port
    office.judge()
    assert [s.startswith("[o2o] over:") for s in mailbox.subjects] == [True]


def test_an_address_that_is_refused_keeps_nobody_else_from_being_told(
    office: Office, mailbox: Mailbox
) -> None:
    mailbox.refuses = "data@retailer.example"
    other = replace(check("Berlin"), name="another", owner="data-platform")
    assert office.judge(check("Berlin"), other) == 1
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(("reminder", "mails"), [(None, 1), (timedelta(days=1), 3)])
def test_a_reminder_comes_once_a_day_if_it_is_wanted(
    tmp_path: Path, secrets: Any, mailbox: Mailbox, reminder: timedelta | None, mails: int
) -> None:
    office = Office(tmp_path, secrets, reminder)
    for _ in range(49):
        office.judge(check("Berlin"))
    assert len(mailbox.mails) == mails
    assert sum(s.startswith("[o2o] still:") for s in mailbox.subjects) == mails - 1


def test_whoever_has_no_address_is_told_through_the_data_platform(
    office: Office, mailbox: Mailbox
) -> None:
    office.judge(replace(check("Berlin"), owner="sales-finance"))
    assert mailbox.mails[0]["To"] == "data@retailer.example"
    assert "sales-finance, who has no address: told to data-platform" in mailbox.text()


def test_where_nobody_has_an_address_the_incident_says_so_and_goes_when_it_is_over(
    tmp_path: Path, secrets: Any
) -> None:
    office = Office(tmp_path, secrets)
    office.addresses = Addresses({}, secrets)
    office.judge(check("Berlin"))
    (incident,) = office.incidents.all()
    assert "set owners.web-shop.email or .webhook in company.yml" in incident.trouble
    office.judge()
    assert office.incidents.all() == []


def test_tasks_that_end_at_one_moment_do_not_say_the_same_thing_twice(
    office: Office, mailbox: Mailbox
) -> None:
    problems = of_check(check("Berlin"), "marts", LINKS)
    office.incidents.found(problems, NOW, judged=lambda _: False)  # the other is about to tell it
    office.note([], "task:ingest__acme.extract")
    assert mailbox.mails == []
    office.note([], "task:ingest__acme.extract")  # an hour later it evidently was not
    assert len(mailbox.mails) == 1


def test_a_failed_task_tells_its_first_line_without_people_and_its_log() -> None:
    error = ValueError("mail paula.k@people.example or +49 170 1234567 failed\nsecond line")
    told = of_task("ingest__acme", "extract", "web-shop", error, "http://airflow/log", 4)
    assert told.facts == ("mail … or … failed", "tries: 4")
    assert told.link == "http://airflow/log"
    assert without_people("HTTP 404 of 2026-05-01") == "HTTP 404 of 2026-05-01"


def test_a_check_without_an_answer_does_not_quote_the_database() -> None:
    broken = replace(check("(nothing compared)", status="error"), note="cannot cast 'Paula'")
    (problem,) = of_check(broken, "marts", LINKS)
    assert "could not be computed" in " ".join(problem.facts)
    assert "Paula" not in " ".join(problem.facts)


class TestChannels:
    MESSAGE = Message("a subject\nof two lines", "text")

    def test_a_subject_is_one_line(self, mailbox: Mailbox, secrets: Any) -> None:
        email(self.MESSAGE, "shop@retailer.example", secrets("smtp"))
        assert mailbox.subjects == ["a subject of two lines"]
        assert mailbox.mails[0]["Auto-Submitted"] == "auto-generated"

    def test_a_password_does_not_travel_in_clear_text(self) -> None:
        server = Connection("mail.example", "me", "secret", {"tls": "none"})
        with pytest.raises(NotSent, match="would travel in clear text"):
            email(self.MESSAGE, "a@b.example", server)

    def test_a_server_without_tls_is_not_spoken_to_unless_that_is_wanted(
        self, mailbox: Mailbox
    ) -> None:
        with pytest.raises(NotSent, match="did not take the e-mail: STARTTLS"):
            email(self.MESSAGE, "a@b.example", Connection("127.0.0.1", port=mailbox.port))
        assert mailbox.mails == []

    def test_a_server_that_never_speaks_is_not_waited_for(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(channels, "SECONDS", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            with pytest.raises(NotSent, match=r"did not take the e-mail: .*timed out"):
                email(self.MESSAGE, "a@b.example", Connection("127.0.0.1", port=port))
            with pytest.raises(NotSent, match="cannot be reached"):
                chat_(self.MESSAGE, Connection(password=f"http://127.0.0.1:{port}/x"))

    @pytest.mark.parametrize("status", [302, 404, 500])
    def test_a_chat_that_refuses_or_redirects_is_told_without_its_address(
        self, chat: Chat, secrets: Any, status: int
    ) -> None:
        chat.status = status
        with pytest.raises(NotSent, match=f"HTTP {status}") as caught:
            chat_(self.MESSAGE, secrets("chat"))
        assert CHAT_SECRET not in str(caught.value)

    @pytest.mark.parametrize(
        "url", [f"http://127.0.0.1:1/{CHAT_SECRET}", f"http://hooks.example/{CHAT_SECRET}"]
    )
    def test_an_address_out_of_reach_or_without_tls_is_not_printed(self, url: str) -> None:
        with pytest.raises(NotSent) as caught:
            chat_(self.MESSAGE, Connection(password=url))
        assert CHAT_SECRET not in str(caught.value)


def chat_(message: Message, connection: Connection) -> None:
    chat(message, connection, "chat")
