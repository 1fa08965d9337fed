"""Surveys: who is asked, how satisfied they really are, and who says so.

Everybody asked has an opinion, and the truth knows it. Whether they answer hangs on it: the unhappy
and the delighted speak up, so the mean of the answers is not the mean of the asked.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from demo.world.accounts import Accounts
from demo.world.behaviour import Visits
from demo.world.chunk import Chunk
from demo.world.horizon import DAY, HOUR, MINUTE, SECOND, Horizon
from demo.world.ids import Bools, Floats, Ints, Texts, scramble, texts
from demo.world.orders import WebSales
from demo.world.tables import NEVER, Tables, pick
from demo.world.tills import TillSales

# name, kind, channel
_SURVEYS = [
    ("After your order", "nps", "email"),
    ("Your visit", "csat", "email"),
    ("Your visit, by text", "csat", "sms"),
    ("At the exit", "csat", "kiosk"),
]
_ORDER, _VISIT, _TEXT, _EXIT = range(len(_SURVEYS))
_SCALES = {"nps": (0, 10), "csat": (1, 5)}
_ASKED = [0.5, 0.5, 0.5, 0.03]  # of those who could be
_UNDELIVERED = 0.02  # of what is sent
_LEFT_OFF = 0.08  # of those who begin to answer
# Who answers, by satisfaction: from the lowest fifth of the scale to the highest.
_ANSWERS = np.array([0.45, 0.2, 0.08, 0.14, 0.35])
_COMMENTED = 0.3
_COMMENTS = [
    ["Waited 40 minutes, nobody came.", "Never again!", "wrong size sent TWICE; refund?",
     "The zip broke on day one,\nand the shop said: \"bad luck\"."],
    ["Too warm in the fitting rooms", "Delivery took long", "Personal muss öfter lächeln 🙁",
     "Taille trop petite, dommage"],
    ["ok", "Fine.", "Nothing special", "-"],
    ["Nice staff", "Schnelle Lieferung, danke", "Good quality & fair prices", "Très bien"],
    ["Anna in the shop was wonderful ❤", "Love it!!!", "Alles bestens – gerne wieder",
     "最高です", "<b>Best shop in town</b>"],
]  # fmt: skip


def write_surveys(tables: Tables, horizon: Horizon) -> None:
    columns = zip(*_SURVEYS, strict=True)
    names, kinds, channels = (np.array(column, dtype=object) for column in columns)
    tables.add(
        "surveys",
        survey_no=1 + np.arange(len(_SURVEYS)),
        name=names,
        kind=kinds,
        channel=channels,
        created_at=np.full(len(_SURVEYS), horizon.start_us - 90 * DAY),
    )


@dataclass(frozen=True)
class _Asked:
    """One entry per invitation, of any survey."""

    person: Ints
    survey: Ints
    email: Texts
    phone: Texts
    customer_no: Ints
    till_order: Texts
    web_order: Ints
    shop: Ints  # -1: sent home
    at: Ints


def write_answers(
    chunk: Chunk, accounts: Accounts, web: WebSales, till: TillSales, visits: Visits
) -> None:
    """Invitations, answers, and what everybody asked would have said."""
    rng, seed = chunk.rng("surveys"), chunk.seed
    # Somebody is as content with a shop as with the world, more or less.
    mood = rng.normal(0, 1, chunk.people.count)
    parts = [
        _after_orders(chunk, rng, web),
        _after_visits(chunk, rng, accounts, till),
        _at_the_exit(chunk, rng, visits),
    ]
    names = [field.name for field in fields(_Asked)]
    asked = _Asked(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    inside = np.flatnonzero(asked.at < chunk.horizon.end_us)
    inside = inside[np.argsort(asked.at[inside], kind="stable")]
    asked = _Asked(*(getattr(asked, name)[inside] for name in names))
    n = asked.at.size
    number = 500_000_000 + scramble(chunk.keys(n), "survey_invitation", seed)
    sent = asked.survey != _EXIT
    delivered = ~sent | (rng.random(n) >= _UNDELIVERED)
    chunk.tables.add(
        "survey_invitations",
        invitation_no=number,
        survey_no=asked.survey + 1,
        email=asked.email,
        phone=asked.phone,
        customer_no=asked.customer_no,
        till_order_id=asked.till_order,
        web_order_no=asked.web_order,
        shop_no=np.where(asked.shop >= 0, asked.shop + 1, NEVER),
        sent_at=asked.at,
        is_delivered=delivered,
    )
    content = 0.6 * mood[asked.person] + 0.8 * rng.normal(0, 1, n)
    lowest, highest = (
        np.array([_SCALES[kind][side] for _, kind, _ in _SURVEYS])[asked.survey] for side in (0, 1)
    )
    # The mean lies at two thirds of the scale.
    share: Floats = np.clip(0.66 + 0.3 * content, 0, 1)
    score = lowest + np.rint(share * (highest - lowest)).astype(np.int64)
    fifth = np.minimum((score - lowest) * 5 // (highest - lowest + 1), 4)
    started = asked.at + np.where(
        sent, 2 * MINUTE + rng.exponential(1.2 * DAY, n).astype(np.int64), 0
    )
    submitted = started + rng.integers(20, 400, n) * SECOND
    speaks = delivered & (rng.random(n) < _ANSWERS[fifth])
    speaks &= submitted < chunk.horizon.end_us
    chunk.tables.add(
        "satisfaction",
        invitation_no=number,
        person_id=chunk.people.id[asked.person],
        score=score,
        is_answered=speaks,
    )
    chunk.tables.add(
        "identifiers",
        system="survey_invitation",
        record_id=texts("{}", number),
        person_id=chunk.people.id[asked.person],
    )
    _write_answers(
        chunk, rng, number, chunk.people.id[asked.person], asked.survey, score, fifth, started,
        submitted, speaks,
    )  # fmt: skip


def _write_answers(
    chunk: Chunk,
    rng: np.random.Generator,
    number: Ints,
    person: Ints,
    survey: Ints,
    score: Ints,
    fifth: Ints,
    started: Ints,
    submitted: Ints,
    speaks: Bools,
) -> None:
    rows = np.flatnonzero(speaks)
    n = rows.size
    complete = (survey[rows] == _EXIT) | (rng.random(n) >= _LEFT_OFF)
    scored = complete | (rng.random(n) < 0.5)
    pools = [comment for pool in _COMMENTS for comment in pool]
    first = np.cumsum([0, *(len(pool) for pool in _COMMENTS)])
    sizes = np.diff(first)[fifth[rows]]
    comment = first[fifth[rows]] + (rng.random(n) * sizes).astype(np.int64)
    says = complete & (survey[rows] != _EXIT) & (rng.random(n) < _COMMENTED)
    answer_no = 700_000_000 + scramble(chunk.keys(n), "survey_answer", chunk.seed)
    chunk.tables.add(
        "identifiers",
        system="survey_answer",
        record_id=texts("{}", answer_no),
        person_id=person[rows],
    )
    chunk.tables.add(
        "survey_answers",
        answer_no=answer_no,
        invitation_no=number[rows],
        survey_no=survey[rows] + 1,
        score=np.where(scored, score[rows], NEVER),
        comment=pick([*pools], np.where(says, comment, -1)),
        started_at=started[rows],
        submitted_at=submitted[rows],
        is_complete=complete,
    )


def _nothing(n: int) -> Texts:
    return np.full(n, None, dtype=object)


def _after_orders(chunk: Chunk, rng: np.random.Generator, web: WebSales) -> _Asked:
    """A week after the order, at the address that it was made with."""
    rows = np.flatnonzero(web.stands & (rng.random(web.at.size) < _ASKED[_ORDER]))
    n = rows.size
    return _Asked(
        person=web.person[rows],
        survey=np.full(n, _ORDER),
        email=web.email[rows],
        phone=_nothing(n),
        customer_no=web.customer_no[rows],
        till_order=_nothing(n),
        web_order=web.order_no[rows],
        shop=np.full(n, -1),
        at=web.at[rows] + 7 * DAY + rng.integers(0, 3 * 3600, n) * SECOND,
    )


def _after_visits(
    chunk: Chunk, rng: np.random.Generator, accounts: Accounts, till: TillSales
) -> _Asked:
    """The day after a purchase, by those who said at the till who they are: mail or SMS."""
    people = chunk.people
    rows = np.flatnonzero(
        till.is_named & people.is_member[till.person] & (rng.random(till.at.size) < _ASKED[_VISIT])
    )
    person, n = till.person[rows], rows.size
    by_text = rng.random(n) < 0.3
    at = till.at[rows] + 20 * HOUR + rng.integers(0, 6 * 3600, n) * SECOND
    email, phone = people.email_at(person, at), people.phone_at(person, at)
    email[by_text] = None
    phone[~by_text] = None
    has_account = (accounts.web[person, 0] >= 0) & (accounts.web_created[person, 0] <= at)
    return _Asked(
        person=person,
        survey=np.where(by_text, _TEXT, _VISIT),
        email=email,
        phone=phone,
        customer_no=np.where(has_account & ~by_text, accounts.web[person, 0], NEVER),
        till_order=till.order_id[rows],
        web_order=np.full(n, NEVER),
        shop=till.shop[rows],
        at=at,
    )


def _at_the_exit(chunk: Chunk, rng: np.random.Generator, visits: Visits) -> _Asked:
    """A screen at the door, which knows nobody."""
    rows = np.flatnonzero(~visits.is_pass_by & (rng.random(visits.left.size) < _ASKED[_EXIT]))
    n = rows.size
    return _Asked(
        person=visits.person[rows],
        survey=np.full(n, _EXIT),
        email=_nothing(n),
        phone=_nothing(n),
        customer_no=np.full(n, NEVER),
        till_order=_nothing(n),
        web_order=np.full(n, NEVER),
        shop=visits.shop[rows],
        at=visits.left[rows] - 30 * SECOND,
    )
