"""E-mails and SMS: whom the shop writes to, what becomes of each message, and what it causes.

A session that came by a message has a click behind it, and the click a message that was sent. What
a message causes, an order in that session or a visit to a shop, it causes by its click.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from demo.world.accounts import Accounts
from demo.world.behaviour import EMAIL, NEWSLETTER, SMS, TEXT, Sessions, gets_texts
from demo.world.chunk import Chunk
from demo.world.emails import vary_email
from demo.world.horizon import DAY, HOUR, MINUTE, SECOND, Horizon
from demo.world.ids import Bools, Ints, Texts, scramble
from demo.world.names import written
from demo.world.orders import SOURCES, TEXT_CAMPAIGN, WEEKLY_CAMPAIGN
from demo.world.records import numbers, write_identity
from demo.world.tables import NEVER, Tables, pick

KINDS = ["email", "sms"]
_EMAIL, _SMS = range(2)
EVENTS = ["sent", "delivered", "opened", "clicked", "bounced", "unsubscribed"]
_SENT, _DELIVERED, _OPENED, _CLICKED, _BOUNCED, _UNSUBSCRIBED = range(6)
_UTM = [WEEKLY_CAMPAIGN, TEXT_CAMPAIGN]
_SITE = "https://shop.northwind-vale.example"
_BEFORE = 600 * DAY  # profiles made before the world's start reach this far back

_SUBSCRIBED, _LISTED_ONLY = 0.35, 0.1  # of people, beside those who come by a message
_FROM_WEB_SHOP = 0.6  # of profiles of people with an account: made by it
_SHARE = [0.25, 0.4]  # of subscribers, that a campaign goes to, by kind
_EVERY_DAYS, _FIRST_DAY, _HOUR = [7, 28], [2, 4], [9, 17]  # of campaigns, by kind
_REMEMBERED = 6 * DAY  # somebody clicks on a campaign's message so late at most
_VISIT_PER_CLICK = [0.06, 0.15]  # by kind
_OPENS = 0.18  # of those who do not click
_OPENED_BY_PROGRAM = 0.2  # of profiles: their mail program opens all
_SCANNED = 0.02  # of profiles: a filter follows every link before it lets a mail through
_BOUNCES = 0.003  # of messages to addresses that are right
_UNSUBSCRIBES = 0.004  # of messages to people who do not click


@dataclass(frozen=True)
class _Plan:
    """All messages of a world: one entry each."""

    names: list[str]
    subjects: list[str]
    kind: Ints
    campaign: Ints
    position: Ints
    at: Ints  # when a campaign's is sent; NEVER: of a flow
    created: Ints
    campaign_names: list[str]
    campaign_kind: Ints
    is_flow: Bools

    def flow(self, name: str) -> Ints:
        """A flow's messages in their order."""
        return np.flatnonzero(self.campaign == self.campaign_names.index(name))


_WELCOME, _BACK, _WISH = "Welcome series", "Back in stock", "Wish list alert"
_FLOWS = [  # name, kind, subjects
    (_WELCOME, _EMAIL, ["Welcome to Northwind & Vale", "Three looks to begin with"]),
    (_BACK, _EMAIL, ["It is back"]),
    (_WISH, _SMS, ["Your wish list has news"]),
]


def _plan(horizon: Horizon, account_zone: int) -> _Plan:
    rows: list[tuple[str, str, int, int, int, int, int]] = []
    campaigns: list[tuple[str, int, bool]] = []
    for name, kind, subjects in _FLOWS:
        campaigns.append((name, kind, True))
        for place, subject in enumerate(subjects, start=1):
            long_ago = horizon.start_us - _BEFORE - DAY
            rows.append((f"{name} {place}", subject, kind, len(campaigns) - 1, place, NEVER,
                         long_ago))  # fmt: skip
    for kind, title in enumerate(("Weekly news", "Text to members")):
        for day in range(_FIRST_DAY[kind], horizon.total, _EVERY_DAYS[kind]):
            name = f"{title} {horizon.start + timedelta(days=day)}"
            at = horizon.utc(account_zone, np.array([day]), np.array([_HOUR[kind] * HOUR]))[0]
            campaigns.append((name, kind, False))
            rows.append((name, title, kind, len(campaigns) - 1, 1, int(at), int(at) - 20 * HOUR))
    names, subjects_, kinds, of, places, at_, made = (
        list(part) for part in zip(*rows, strict=True)
    )
    campaign_names, campaign_kinds, flows = (list(part) for part in zip(*campaigns, strict=True))
    return _Plan(
        names=names,
        subjects=subjects_,
        kind=np.array(kinds),
        campaign=np.array(of),
        position=np.array(places),
        at=np.array(at_),
        created=np.array(made),
        campaign_names=campaign_names,
        campaign_kind=np.array(campaign_kinds),
        is_flow=np.array(flows),
    )


def _message_no(message: Ints) -> Ints:
    return 920_000_001 + message


def _campaign_no(campaign: Ints) -> Ints:
    return 910_000_001 + campaign


def write_campaigns(tables: Tables, horizon: Horizon, account_zone: int) -> None:
    plan = _plan(horizon, account_zone)
    _, first = np.unique(plan.campaign, return_index=True)
    tables.add(
        "message_campaigns",
        campaign_no=_campaign_no(np.arange(first.size)),
        name=np.array(plan.campaign_names, dtype=object),
        kind=pick([*KINDS], plan.campaign_kind),
        is_flow=plan.is_flow,
        utm_campaign=pick([*_UTM], plan.campaign_kind),
        created_at=plan.created[first],
    )
    tables.add(
        "messages",
        message_no=_message_no(np.arange(plan.at.size)),
        campaign_no=_campaign_no(plan.campaign),
        position=plan.position,
        name=np.array(plan.names, dtype=object),
        subject=np.array(plan.subjects, dtype=object),
        created_at=plan.created,
    )


def visits_caused(chunk: Chunk, sessions: Sessions) -> tuple[Ints, Ints, Ints]:
    """Visits to shops that a click on a message brings about: persons, causes, local days."""
    rng = chunk.rng("visits by messages")
    clicks = np.flatnonzero(_by_message(sessions))
    kind = _kind(sessions, clicks)
    comes = rng.random(clicks.size) < np.array(_VISIT_PER_CLICK)[kind]
    clicks, kind = clicks[comes], kind[comes]
    person = sessions.person[clicks]
    day = chunk.horizon.day(chunk.people.zone[person], sessions.at[clicks])
    day = day + 1 + rng.exponential(1.5, clicks.size).astype(np.int64)
    soon = day < chunk.horizon.total
    return person[soon], np.where(kind == _SMS, SMS, EMAIL)[soon], day[soon]


def _by_message(sessions: Sessions) -> Bools:
    by_message: Bools = np.isin(sessions.channel, (NEWSLETTER, TEXT))
    return by_message


def _kind(sessions: Sessions, rows: Ints) -> Ints:
    kind: Ints = (sessions.channel[rows] == TEXT).astype(np.int64)
    return kind


@dataclass(frozen=True)
class _Profiles:
    """One per mailbox: who shares one is written to once."""

    owner: Ints
    of: Ints  # by person: the profile that their messages go to, -1: none
    created: Ints
    is_subscribed: Bools
    clicks: Bools  # any of its messages
    texts: Bools  # gave a number for SMS
    is_wrong: Bools  # nobody has this address

    @property
    def count(self) -> int:
        return int(self.owner.size)


@dataclass(frozen=True)
class _Sends:
    profile: Ints
    message: Ints
    at: Ints

    def take(self, rows: Bools | Ints) -> _Sends:
        return _Sends(self.profile[rows], self.message[rows], self.at[rows])


def write_messages(chunk: Chunk, accounts: Accounts, sessions: Sessions) -> None:
    """Profiles, what was sent to them, and what became of it."""
    rng = chunk.rng("messages")
    plan = _plan(chunk.horizon, chunk.account_zone)
    clicks = np.flatnonzero(_by_message(sessions))
    profiles, emails = _make_profiles(chunk, rng, accounts, sessions, clicks)
    sends, send_of = _make_sends(chunk, rng, plan, profiles, sessions, clicks)
    clicked = np.zeros(sends.at.size, dtype=bool)
    clicked[send_of] = True

    # Whoever unsubscribes gets nothing more.
    tired = ~profiles.clicks[sends.profile] & (rng.random(sends.at.size) < _UNSUBSCRIBES)
    tired &= profiles.is_subscribed[sends.profile] & ~profiles.is_wrong[sends.profile]
    gone = np.full(profiles.count, np.iinfo(np.int64).max)
    left_at = sends.at + rng.integers(300, 18_000, sends.at.size) * SECOND
    np.minimum.at(gone, sends.profile[tired], left_at[tired])
    is_last = tired & (left_at == gone[sends.profile])
    _, one = np.unique(sends.profile[is_last], return_index=True)
    last = np.flatnonzero(is_last)[one]
    kept = sends.at <= gone[sends.profile]
    gone = np.where(gone < chunk.horizon.end_us, gone, NEVER)

    _write_profiles(chunk, rng, accounts, profiles, emails, gone)
    _write_events(chunk, rng, plan, profiles, sends, sessions, clicks, send_of, kept, last, left_at)


def _make_profiles(
    chunk: Chunk, rng: np.random.Generator, accounts: Accounts, sessions: Sessions, clicks: Ints
) -> tuple[_Profiles, Texts]:
    people, horizon, n = chunk.people, chunk.horizon, chunk.people.count
    everybody = np.arange(n)
    first_click = np.full(n, horizon.end_us)
    np.minimum.at(first_click, people.mail_of[sessions.person[clicks]], sessions.at[clicks])
    came = first_click < horizon.end_us
    drawn = rng.random(n)
    subscribed = came | (drawn < _SUBSCRIBED)
    reads = (people.mail_of == everybody) | came
    owner = np.flatnonzero(reads & (subscribed | (drawn < _SUBSCRIBED + _LISTED_ONLY)))

    early = horizon.start_us - rng.integers(1, _BEFORE // SECOND, n) * SECOND
    late = horizon.start_us + rng.integers(0, horizon.total * 86_400, n) * SECOND
    created = np.where(came | (rng.random(n) < 0.8), early, late)
    account = accounts.web_created[:, 0] + MINUTE
    from_shop = (accounts.web[:, 0] >= 0) & (account < first_click - HOUR)
    from_shop &= rng.random(n) < _FROM_WEB_SHOP
    created = np.where(from_shop, account, created)[owner]

    right = people.email.at(owner, created)
    email = vary_email(rng, right, chunk.noise.email_error_form, 0.0)
    email[came[owner]] = right[came[owner]]
    # An address that was left behind and handed on is one profile, whoever reads it now.
    _, first, profile = np.unique(email.astype(str), return_index=True, return_inverse=True)
    earliest = np.full(first.size, horizon.end_us)
    np.minimum.at(earliest, profile, created)
    clicks_any, is_subscribed = (np.zeros(first.size, dtype=bool) for _ in range(2))
    clicks_any[profile[came[owner]]] = True
    is_subscribed[profile[subscribed[owner]]] = True
    texts = np.zeros(first.size, dtype=bool)
    texts[profile[gets_texts(chunk)[owner]]] = True
    of = np.full(n, -1)
    of[owner] = profile
    return _Profiles(
        owner[first], of, earliest, is_subscribed, clicks_any, texts, (email != right)[first]
    ), email[first]


def _make_sends(
    chunk: Chunk,
    rng: np.random.Generator,
    plan: _Plan,
    profiles: _Profiles,
    sessions: Sessions,
    clicks: Ints,
) -> tuple[_Sends, Ints]:
    """All that is sent, and which of it each click is on."""
    people, horizon = chunk.people, chunk.horizon
    region, zone = chunk.region[profiles.owner], people.zone[profiles.owner]

    def rests(profile: Ints, at: Ints) -> Bools:
        return chunk.holdouts.rests("email", region[profile], horizon.day(zone[profile], at))

    # 1. What was clicked on: the newest campaign, or a flow's message of the same day.
    profile = profiles.of[people.mail_of[sessions.person[clicks]]]
    at, kind = sessions.at[clicks], _kind(sessions, clicks)
    message = np.full(clicks.size, -1)
    for each in (_EMAIL, _SMS):
        planned = np.flatnonzero((plan.kind == each) & (plan.at != NEVER))
        if not planned.size:
            continue
        before = np.searchsorted(plan.at[planned], at - 2 * MINUTE, side="right") - 1
        newest = planned[np.maximum(before, 0)]
        fits = (kind == each) & (before >= 0) & (at - plan.at[newest] < _REMEMBERED)
        fits &= profiles.created[profile] < plan.at[newest]
        if each == _EMAIL:
            fits &= ~rests(profile, plan.at[newest])
        message[fits] = newest[fits]
    by_flow = np.flatnonzero(message < 0)
    message[by_flow] = np.where(kind[by_flow] == _SMS, plan.flow(_WISH)[0], plan.flow(_BACK)[0])
    flow_at = at[by_flow] - rng.integers(120, 3 * 3600, by_flow.size) * SECOND
    day = horizon.day(zone[profile[by_flow]], at[by_flow])
    dawn = horizon.utc(zone[profile[by_flow]], day, np.zeros(by_flow.size, np.int64))
    flow_at = np.maximum(flow_at, np.minimum(dawn, at[by_flow] - MINUTE))
    # 2. What went to the others too.
    parts = [(profile[message_at := plan.at[message] != NEVER], message[message_at])]
    for each in np.flatnonzero(plan.at != NEVER).tolist():
        sent_at = np.full(profiles.count, plan.at[each])
        listed = profiles.is_subscribed & (profiles.created < sent_at)
        listed &= rng.random(profiles.count) < _SHARE[plan.kind[each]]
        listed &= (
            profiles.texts
            if plan.kind[each] == _SMS
            else ~rests(np.arange(profiles.count), sent_at)
        )
        to = np.flatnonzero(listed)
        parts.append((to, np.full(to.size, each)))
    to, of = (np.concatenate(column) for column in zip(*parts, strict=True))
    pairs = np.unique(to * plan.at.size + of)
    campaigns = _Sends(
        pairs // plan.at.size, pairs % plan.at.size,
        plan.at[pairs % plan.at.size] + rng.integers(0, 1800, pairs.size) * SECOND // 60,
    )  # fmt: skip
    # 3. Who is new is welcomed.
    new = np.flatnonzero(profiles.is_subscribed & (profiles.created > horizon.start_us))
    welcome = [
        (new, np.full(new.size, one), profiles.created[new] + wait)
        for one, wait in zip(plan.flow(_WELCOME).tolist(), (5 * MINUTE, 3 * DAY), strict=True)
    ]
    flows = [(profile[by_flow], message[by_flow], flow_at), *welcome]
    others = _Sends(*(np.concatenate(column) for column in zip(*flows, strict=True)))
    both = _Sends(
        np.r_[campaigns.profile, others.profile], np.r_[campaigns.message, others.message],
        np.r_[campaigns.at, others.at],
    )  # fmt: skip

    send_of = np.searchsorted(pairs, profile * plan.at.size + message)
    send_of[by_flow] = pairs.size + np.arange(by_flow.size)
    allowed = (plan.kind[both.message] == _SMS) | ~rests(both.profile, both.at)
    allowed &= both.at < horizon.end_us
    allowed[send_of] = True
    place = np.cumsum(allowed) - 1
    return both.take(allowed), place[send_of]


def _write_profiles(
    chunk: Chunk,
    rng: np.random.Generator,
    accounts: Accounts,
    profiles: _Profiles,
    emails: Texts,
    gone: Ints,
) -> None:
    people, owner, created = chunk.people, profiles.owner, profiles.created
    number = _profile_no(chunk, owner)
    phone = people.phone_at(owner, created)
    phone[~profiles.texts] = None
    first, last = written(chunk, "of a message profile", owner, created)
    unnamed = rng.random(owner.size) < 0.3
    first[unnamed] = last[unnamed] = None
    known = (accounts.web[owner, 0] >= 0) & (accounts.web_created[owner, 0] <= created)
    chunk.tables.add(
        "message_profiles",
        profile_no=number,
        email=emails,
        phone=phone,
        first_name=first,
        last_name=last,
        customer_no=np.where(known, accounts.web[owner, 0], NEVER),
        created_at=created,
        is_subscribed=profiles.is_subscribed,
        unsubscribed_at=gone,
    )
    write_identity(chunk.tables, "message_profile", numbers(number), people.id[owner])


def _profile_no(chunk: Chunk, owner: Ints) -> Ints:
    return 600_000_000_000 + scramble(chunk.people.id[owner], "message_profile", chunk.seed)


def _write_events(
    chunk: Chunk,
    rng: np.random.Generator,
    plan: _Plan,
    profiles: _Profiles,
    sends: _Sends,
    sessions: Sessions,
    clicks: Ints,
    send_of: Ints,
    kept: Bools,
    last: Ints,
    left_at: Ints,
) -> None:
    n = sends.at.size
    clicked_at = np.full(n, np.iinfo(np.int64).max)
    click_at = sessions.at[clicks] - rng.integers(1, 5, clicks.size) * SECOND
    np.minimum.at(clicked_at, send_of, click_at)
    is_clicked = clicked_at < np.iinfo(np.int64).max
    is_mail = plan.kind[sends.message] == _EMAIL
    bounces = ~is_clicked & (
        profiles.is_wrong[sends.profile] & is_mail | (rng.random(n) < _BOUNCES)
    )
    arrives = ~bounces & kept
    arrived_at = sends.at + rng.integers(1, 30, n) * SECOND
    opens = arrives & is_mail & (is_clicked | (rng.random(n) < _OPENS))
    opens[last[is_mail[last]]] = True
    opened_at = arrived_at + (rng.exponential(6 * HOUR, n)).astype(np.int64)
    # Nobody clicks on, or leaves by, what they have not opened.
    opened_at = np.where(is_clicked, clicked_at - rng.integers(5, 25, n) * SECOND, opened_at)
    opened_at[last] = arrived_at[last] + (left_at[last] - arrived_at[last]) // 2
    by_program = (
        (rng.random(profiles.count) < _OPENED_BY_PROGRAM)[sends.profile] & arrives & is_mail
    )
    scanned = (rng.random(profiles.count) < _SCANNED)[sends.profile] & arrives & is_mail
    seconds = rng.integers(1, 600, n) * SECOND
    parts = [
        (np.flatnonzero(kept), _SENT, sends.at, False),
        (np.flatnonzero(bounces & kept), _BOUNCED, arrived_at, False),
        (np.flatnonzero(arrives), _DELIVERED, arrived_at, False),
        (np.flatnonzero(opens), _OPENED, opened_at, False),
        (np.flatnonzero(by_program), _OPENED, arrived_at + seconds, True),
        (np.flatnonzero(scanned), _CLICKED, arrived_at + 2 * SECOND, True),
        (last, _UNSUBSCRIBED, left_at, False),
    ]  # fmt: skip
    send = np.concatenate([*(rows for rows, *_ in parts), send_of])
    kind = np.concatenate(
        [*(np.full(rows.size, what) for rows, what, *_ in parts), np.full(clicks.size, _CLICKED)]
    )
    at = np.concatenate([*(when[rows] for rows, _, when, _ in parts), click_at])
    is_machine = np.concatenate(
        [*(np.full(rows.size, by) for rows, *_, by in parts), np.zeros(clicks.size, dtype=bool)]
    )
    inside = np.flatnonzero(at < chunk.horizon.end_us)
    inside = inside[np.lexsort((kind[inside], at[inside]))]
    send, kind, at, is_machine = send[inside], kind[inside], at[inside], is_machine[inside]
    message = sends.message[send]
    late = rng.random(at.size) < 0.005
    delay = np.where(late, rng.integers(3600, 72_000, at.size), rng.integers(1, 60, at.size))
    links = [f"{_SITE}/?{_link(_UTM[each], each)}" for each in (_EMAIL, _SMS)]
    chunk.tables.add(
        "message_events",
        event_no=10**13 + scramble(chunk.keys(at.size), "message_event", chunk.seed),
        profile_no=_profile_no(chunk, profiles.owner)[sends.profile[send]],
        campaign_no=_campaign_no(plan.campaign[message]),
        message_no=_message_no(message),
        event_kind=pick([*EVENTS], kind),
        is_machine=is_machine,
        url=pick(links, np.where(kind == _CLICKED, plan.kind[message], -1)),
        occurred_at=at,
        visible_at=at + delay * SECOND,
    )


def _link(campaign: str, kind: int) -> str:
    source, medium = SOURCES[TEXT if kind == _SMS else NEWSLETTER]
    return f"utm_source={source}&utm_medium={medium}&utm_campaign={campaign}"
