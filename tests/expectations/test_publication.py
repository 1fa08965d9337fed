"""The marts against what is published: what shrinks is named, what is accepted is let through."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from connectors.registry import SOURCES
from expectations import catalogue, publication, runner
from expectations.check import Acceptance
from warehouse.engines.duckdb import DuckDBWarehouse

KEPT, STEADY = "published_figures_kept", "published_figures_steady"
DAYS = 30

# Three shops of unequal size, two campaigns, a month.
MARTS = f"""
create schema marts;
create table marts.fct_sales_entries as
select
    'sale' as entry_kind, 'till' as order_channel, shop as store_id,
    date '2026-03-01' + d::int as order_date, 'EUR' as currency_code,
    (size * (100 + (d * 37) % 11) + i)::bigint as revenue_minor
from range({DAYS}) as days (d), range(5) as sales (i),
    (values ('S001', 100), ('S002', 60), ('S003', 1)) as shops (shop, size);
insert into marts.fct_sales_entries
select 'refund', 'till', 'S001', date '2026-03-05', 'EUR', -500;
create table marts.fct_ad_spend as
select
    'google_ads' as platform, campaign as platform_campaign_id,
    date '2026-03-01' + d::int as spend_date, 'EUR' as currency_code,
    (1000 + (d * 53) % 17)::bigint as spend_minor
from range({DAYS}) as days (d), (values ('7'), ('8')) as campaigns (campaign);
create table marts.fct_store_visits as
select 'S001' as store_id, date '2026-03-01' + d::int as visit_date, i as visit_id
from range({DAYS}) as days (d), range(20) as visits (i);
create table marts.fct_store_footfall as
select
    'S001' as store_id, date '2026-03-01' + d::int as footfall_date,
    if(d = 3, null, 50)::bigint as counted_entry_count
from range({DAYS}) as days (d);
create table marts.fct_touchpoints as
select 'ga4' as connection, date '2026-03-01' + d::int as touch_date
from range({DAYS}) as days (d), range(40) as touches (i);
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "o2o.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(MARTS)
    return path


@dataclass
class Cells:
    """Cells of the two checks that are off, as (place, day), from a draft that SQL has changed."""

    published: Path
    draft: Path

    def off(self, sql: str) -> dict[str, set[tuple[str, str]]]:
        shutil.copy(self.published, self.draft)
        with duckdb.connect(str(self.draft)) as con:
            con.execute(sql)
        found = {}
        with duckdb.connect() as con, DuckDBWarehouse(self.draft).reading() as reader:
            assert publication.prepare(con, reader, self.published) == []
            for check in catalogue.suites("publication", SOURCES)["publication"]:
                query = check.query(DuckDBWarehouse(self.draft).dialect)
                rows = con.sql(query).filter("left_total - right_total > tolerance").fetchall()
                found[check.name] = {(row[0], str(row[1] or "")) for row in rows}
        return found


@pytest.fixture
def cells(published: Path, tmp_path: Path) -> Cells:
    return Cells(published, tmp_path / "draft.duckdb")


def test_what_only_grows_or_stays_is_no_loss(cells: Cells) -> None:
    more = (
        "insert into marts.fct_ad_spend select 'google_ads', '9', date '2026-03-31', 'EUR', 5;"
        "update marts.fct_sales_entries set revenue_minor = revenue_minor + 1"
    )
    assert cells.off("select 1") == {KEPT: set(), STEADY: set()}
    assert cells.off(more) == {KEPT: set(), STEADY: set()}


DAY = "2026-03-12"
HOLES = {
    "seven days of spend": (
        "delete from marts.fct_ad_spend where spend_date between '2026-03-10' and '2026-03-16'",
        {("spend · all", f"2026-03-{day}") for day in range(10, 17)}
        | {
            (f"spend · google_ads campaign {campaign}", f"2026-03-{day}")
            for day in range(10, 17)
            for campaign in "78"
        }
        | {(f"spend · google_ads campaign {campaign}", "") for campaign in "78"},
    ),
    "all spend after a day": (
        "delete from marts.fct_ad_spend where spend_date > '2026-03-28'",
        {("spend · all", f"2026-03-{day}") for day in (29, 30)}
        | {
            (f"spend · google_ads campaign {campaign}", f"2026-03-{day}")
            for day in (29, 30)
            for campaign in "78"
        },
    ),
    "a shop on one day": (
        f"delete from marts.fct_sales_entries where store_id = 'S002' and order_date = '{DAY}'",
        {("sales · till S002", DAY), ("sales · all", DAY)},
    ),
    "a campaign": (
        "delete from marts.fct_ad_spend where platform_campaign_id = '8'",
        {("spend · all", f"2026-03-{day:02}") for day in range(1, 31)}
        | {("spend · google_ads campaign 8", f"2026-03-{day:02}") for day in range(1, 31)}
        | {("spend · google_ads campaign 8", "")},
    ),
    "a third of a day's visits": (
        f"delete from marts.fct_store_visits where visit_date = '{DAY}' and visit_id % 3 = 0",
        {("visits · S001", DAY), ("visits · all", DAY)},
    ),
    "a day of door counts": (
        f"update marts.fct_store_footfall set counted_entry_count = null"
        f" where footfall_date = '{DAY}'",
        {("door counts · S001", DAY), ("door counts · all", DAY)},
    ),
    "a day of touches": (
        f"delete from marts.fct_touchpoints where touch_date = '{DAY}'",
        {("touches · ga4", DAY), ("touches · all", DAY)},
    ),
    # Together it is more than a tenth of a usual day, though each day is far from that.
    "a small shop": (
        "delete from marts.fct_sales_entries where store_id = 'S003'",
        {("sales · till S003", "")},
    ),
}


@pytest.mark.parametrize("hole", HOLES)
def test_a_hole_is_caught_and_its_places_and_days_are_named(cells: Cells, hole: str) -> None:
    sql, expected = HOLES[hole]
    found = cells.off(sql)
    assert found[KEPT] == expected
    assert found[STEADY] >= expected, "what holds back is warned of, too"


def test_a_correction_is_no_hole_and_a_larger_one_is_told(cells: Cells) -> None:
    correct = "update marts.fct_ad_spend set spend_minor = spend_minor * {} where spend_date = '{}'"
    assert cells.off(correct.format(0.93, DAY)) == {KEPT: set(), STEADY: set()}
    found = cells.off(correct.format(0.85, DAY))
    assert (found[KEPT], ("spend · all", DAY) in found[STEADY]) == (set(), True)


def test_a_shop_that_goes_by_another_name_has_lost_nothing(cells: Cells) -> None:
    found = cells.off(
        "update marts.fct_sales_entries set store_id = 'S009' where store_id = 'S002'"
    )
    assert found == {KEPT: set(), STEADY: set()}


def accept(place: str, **more: object) -> Acceptance:
    said = {"check": KEPT, "until": date(2099, 1, 1), "reason": "a test", "by": "Paula", **more}
    return Acceptance(place=place, **said)  # type: ignore[arg-type]


def judged(result: runner.AuditResult) -> dict[str, runner.CheckResult]:
    return {check.name: check for check in result.checks}


@pytest.fixture
def audit(
    warehouse: Path, spoil: Callable[[str], None], tmp_path: Path
) -> Callable[..., runner.AuditResult]:
    """Audits the small sound warehouse, which has lost a day's spend since it was published."""
    before = tmp_path / "before.duckdb"
    shutil.copy(warehouse, before)
    spoil("delete from marts.fct_ad_spend where spend_date = '2026-03-02'")

    def run(*accepted: Acceptance, before: Path | None = before) -> runner.AuditResult:
        return runner.run_marts(
            DuckDBWarehouse(warehouse),
            tmp_path / "reports",
            SOURCES,
            accepted=accepted,
            before=before,
        )

    return run


def test_a_day_that_vanished_holds_the_publication_back_until_its_owner_accepts_it(
    audit: Callable[..., runner.AuditResult], tmp_path: Path
) -> None:
    day = {"first_day": date(2026, 3, 2)}
    result = audit(accept("spend · all", **day), accept("visits · S001"))
    check = judged(result)[KEPT]
    assert (check.status, check.severity) == ("failed", "fail")
    assert {(culprit.place, culprit.day) for culprit in check.culprits} == {
        ("spend · google_ads campaign 77", "2026-03-02"),
        ("spend · google_ads campaign 77", None),
    }
    assert check.accepted == [
        "Accepted until 2099-01-01: spend · all, 2026-03-02: a test (Paula); 1 comparison is off"
        " by it",
        "Accepted until 2099-01-01: visits · S001: a test (Paula); 0 comparisons are off by it",
    ]
    result = audit(accept("spend · *"), accept("spend · *", check=STEADY))
    assert judged(result)[KEPT].status == judged(result)[STEADY].status == "passed"
    assert runner.load(tmp_path / "reports", "marts") == result


def test_an_acceptance_that_has_expired_accepts_nothing_and_is_told(
    audit: Callable[..., runner.AuditResult],
) -> None:
    check = judged(audit(accept("*", until=date(2026, 1, 1))))[KEPT]
    assert check.status == "failed"
    assert check.accepted == ["No longer accepted since 2026-01-01: *: a test (Paula)"]


def test_what_is_not_compared_is_said(
    audit: Callable[..., runner.AuditResult], warehouse: Path, tmp_path: Path
) -> None:
    first = audit(before=tmp_path / "nowhere.duckdb")
    assert KEPT not in judged(first)
    assert first.not_compared == [
        "There is no publication before this one: nothing was compared with it."
    ]

    def prepared(before: str) -> str:
        with duckdb.connect() as con, DuckDBWarehouse(warehouse).reading() as reader:
            (words,) = publication.prepare(con, reader, tmp_path / before)
        return words

    with duckdb.connect(str(tmp_path / "before.duckdb")) as con:
        con.execute("alter table marts.fct_ad_spend rename spend_minor to cost_minor")
    words = prepared("before.duckdb")
    assert words.startswith("What is published has no spend of this form")
    assert "spend_minor" in words
    (tmp_path / "damaged.duckdb").write_text("no database")
    assert prepared("damaged.duckdb").startswith("What is published cannot be read")
