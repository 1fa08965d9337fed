"""What another trade hands back to the world, and what its books share: clients, invoices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.accounts import Accounts
from demo.world.behaviour import Visits
from demo.world.chunk import Chunk
from demo.world.emails import vary_email
from demo.world.ids import Bools, Floats, Ints, Texts, scramble, texts
from demo.world.names import written
from demo.world.orders import WebSales
from demo.world.places import COUNTRY_CODES, COUNTRY_CURRENCY, CURRENCIES, TAX_PER_MILLE, to_eur
from demo.world.records import write_identity
from demo.world.tables import NEVER, pick

CURRENCY_CODES: list[str] = [code for code, _, _ in CURRENCIES]
SOURCES: list[str] = ["web", "phone", "store"]
WEB, PHONE, STORE = range(3)
_OWN = 4  # client numbers of a person: the web accounts' two, one a guest's, one of the desk
GUEST, DESK = 2, 3


@dataclass(frozen=True)
class Outcome:
    """What people did and what made them: rows of ``conversions`` in the truth, one entry each."""

    kind: str
    record_id: Texts
    person: Ints
    cause: Ints
    at: Ints
    value_eur: Ints

    def take(self, rows: Bools | Ints) -> Outcome:
        return Outcome(
            self.kind, self.record_id[rows], self.person[rows], self.cause[rows], self.at[rows],
            self.value_eur[rows],
        )  # fmt: skip

    @classmethod
    def free(cls, kind: str, number: Ints, person: Ints, cause: Ints, at: Ints) -> Outcome:
        """Of what has a number and no price."""
        return cls(kind, texts("{}", number), person, cause, at, np.zeros(at.size, np.int64))


@dataclass(frozen=True)
class Traded:
    """What came of a chunk. ``sales`` are what sessions end in as web analytics is told: purchases
    if it ``is_shop``, else forms. ``claimed`` is what the ad platforms take for their own."""

    outcomes: list[Outcome]
    claimed: Outcome
    sales: WebSales
    is_shop: bool
    visits: Visits | None = None  # that door counters see


def as_sales(
    rng: np.random.Generator,
    accounts: Accounts,
    outcome: Outcome,
    names: Texts,
    total: Ints,
    currency: Ints,
) -> WebSales:
    """What came of the buying sessions, in their order, as web analytics is told of it."""
    n, slot = outcome.at.size, accounts.order_slot
    never = np.full(n, NEVER)
    return WebSales(
        person=outcome.person,
        at=outcome.at,
        cause=outcome.cause,
        order_no=never,
        order_name=names,
        total=total,
        total_eur=outcome.value_eur,
        currency=currency,
        logged_in=(slot >= 0) & (rng.random(n) < 0.7),
        slot=slot,
        customer_no=never,
        email=np.full(n, None, dtype=object),
        stands=np.ones(n, dtype=bool),
        picked_up=never,
    )


def client_numbers(chunk: Chunk, accounts: Accounts, person: Ints, slot: Ints) -> Ints:
    """The house's number of a person: slots 0 and 1 are the web accounts', as far as there are."""
    own = 7_000_000_000_000 + scramble(chunk.people.id[person] * _OWN + slot, "client", chunk.seed)
    web = accounts.web[person, np.minimum(slot, 1)]
    return np.where((slot < GUEST) & (web >= 0), web, own)


def write_clients(chunk: Chunk, accounts: Accounts, person: Ints, slot: Ints, at: Ints) -> Ints:
    """The clients of dealings that began ``at``, each written once, as it was then. Answers their
    numbers."""
    rng, number = chunk.rng("clients"), client_numbers(chunk, accounts, person, slot)
    order = np.lexsort((at, number))
    first = order[np.r_[True, np.diff(number[order]) > 0]] if order.size else order
    who, which, since = person[first], slot[first], at[first]
    people, noise, n = chunk.people, chunk.noise, first.size
    own = which < GUEST
    email = vary_email(
        rng, people.email_at(who, since), noise.email_error_form, noise.email_alias_elsewhere
    )
    email[own] = accounts.email_at(who[own], which[own], since[own])
    email[(which == DESK) & (rng.random(n) < 0.35)] = None
    phone = people.phone_at(who, since)
    phone[rng.random(n) > np.where(which == DESK, 0.85, 0.6)] = None
    given, family = written(chunk, "of a client", who, since)
    chunk.tables.add(
        "clients",
        client_no=number[first],
        email=email,
        phone=phone,
        first_name=given,
        last_name=family,
        country_code=pick([*COUNTRY_CODES], people.country[who]),
        created_at=since,
    )
    write_identity(chunk.tables, "client", texts("{}", number[first]), people.id[who])
    return number


@dataclass(frozen=True)
class Lines:
    """Lines of invoices, by ``invoice``, the index of each; prices are net."""

    invoice: Ints
    sku: Texts
    title: Texts
    quantity: Ints
    price: Ints
    discount: Ints


def join_lines(*parts: Lines) -> Lines:
    """In the order of the invoices, and of the parts within."""
    names = ("invoice", "sku", "title", "quantity", "price", "discount")
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    order = np.argsort(whole["invoice"], kind="stable")
    return Lines(**{name: column[order] for name, column in whole.items()})


def some_lines(
    invoice: Ints, sku: str, title: str, quantity: Ints, price: Ints, discount: Ints | None = None
) -> Lines:
    """One line each of the same article."""
    n = invoice.size
    return Lines(
        invoice, np.full(n, sku, dtype=object), np.full(n, title, dtype=object), quantity, price,
        np.zeros(n, np.int64) if discount is None else discount,
    )  # fmt: skip


def write_invoices(
    chunk: Chunk, person: Ints, shop: Ints, client: Ints, name: Texts, issued: Ints, lines: Lines
) -> tuple[Ints, Ints, Ints]:
    """Every invoice has a line. Answers their numbers, totals, and totals in EUR cents."""
    n = issued.size
    country = chunk.shops.country[shop]
    currency = COUNTRY_CURRENCY[country]
    goods = lines.quantity * lines.price
    tax = ((goods - lines.discount) * TAX_PER_MILLE[country][lines.invoice] + 500) // 1000
    number = 40_000_000_000 + scramble(chunk.keys(n), "invoice", chunk.seed)

    def summed(values: Ints) -> Ints:
        sums = np.zeros(n, np.int64)
        np.add.at(sums, lines.invoice, values)
        return sums

    total = summed(goods - lines.discount + tax)
    starts = np.searchsorted(lines.invoice, np.arange(n))
    chunk.tables.add(
        "invoices",
        invoice_no=number,
        order_name=name,
        client_no=client,
        shop_no=shop + 1,
        issued_at=issued,
        currency_code=pick([*CURRENCY_CODES], currency),
        goods_minor=summed(goods),
        discount_minor=summed(lines.discount),
        tax_minor=summed(tax),
        total_minor=total,
    )
    chunk.tables.add(
        "invoice_lines",
        invoice_no=number[lines.invoice],
        line_no=np.arange(lines.invoice.size) - starts[lines.invoice] + 1,
        sku=lines.sku,
        title=lines.title,
        quantity=lines.quantity,
        unit_price_minor=lines.price,
        discount_minor=lines.discount,
        tax_minor=tax,
    )
    write_identity(chunk.tables, "invoice", texts("{}", number), chunk.people.id[person])
    return number, total, to_eur(total, currency)


def rounded(price: Floats, to: int) -> Ints:
    whole: Ints = (np.rint(price / to) * to).astype(np.int64)
    return whole
