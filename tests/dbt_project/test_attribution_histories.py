"""Attribution built load by load equals attribution built at once, whatever the past turns into.

Many random retailers share one landing zone (see restless.py). After each load the warehouse must
agree with a ledger that is kept in plain Python; after the last one with a full refresh, and with a
warehouse that sees all loads at once and remembers nobody.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from o2o.pipeline import build
from o2o.pipeline.paths import Paths
from tests.dbt_project.restless import Retailers
from tests.dbt_project.warehouse import Warehouse
from tests.end_to_end.installation import differences

pytestmark = pytest.mark.e2e
SCHEMAS = ("staging", "restricted", "intermediate", "marts")
# A component is called by any one of its nodes.
LABELS = ("component", "strong_group", "cluster_key")
# All that tells of attribution; where nobody is remembered, persons may have other ids.
TOLD = (
    "intermediate.int_touchpoints", "intermediate.int_conversions",
    "intermediate.int_attribution__paths", "intermediate.int_attribution__channel_paths",
    "intermediate.int_attribution__models", "intermediate.int_attribution__credits",
    "intermediate.int_stores__visits", "intermediate.int_stores__door_days",
    "intermediate.int_experiments__panel", "intermediate.int_experiments__calibration",
    "staging.stg_o2o__channel_weights", "staging.stg_o2o__experiment_results",
    "marts.fct_orders", "marts.fct_touchpoints", "marts.fct_store_visits",
    "marts.fct_attribution", "marts.rpt_channel_performance", "marts.rpt_platform_claims",
    "marts.fct_ad_spend", "marts.fct_store_footfall", "marts.fct_footfall_attribution",
    "marts.rpt_online_to_offline", "marts.rpt_calibrated_attribution", "marts.fct_experiments",
    "marts.rpt_attribution_uncertainty",
    "staging.stg_o2o__customer_predictions", "staging.stg_o2o__customer_models",
    "marts.fct_cohort_retention", "marts.rpt_segments", "marts.rpt_ltv_models",
    "intermediate.int_stores__demand",
    "staging.stg_o2o__store_forecasts", "marts.rpt_store_demand_forecast",
    "marts.fct_customer_journeys", "marts.rpt_paths", "marts.rpt_path_steps", "marts.fct_bookings",
)  # fmt: skip
MODELS = 14
# Days from build to build. At the last one the clocks have changed and another month has begun.
LOADS = (13, 9, 12)
PLAN = """experiment_id,channel,design,unit_type,unit_id,start_date,end_date
mail,email,holdout,region,DE-BE,2026-03-05,2026-03-14
"""
# Planned only when the second load comes.
LATER = """search,paid_search,test,region,DE-HH,2026-03-08,2026-03-18
mails,email,holdout,store,S002,2026-03-10,2026-03-21
"""


class Installation(Warehouse):
    """Built by the command's own code: weights and experiments are solved between its parts."""

    @property
    def paths(self) -> Paths:
        return Paths(self.home, str(self.landing))

    @property
    def file(self) -> Path:
        return self.paths.warehouse

    def copy(self, folder: str) -> Installation:
        """The tables as they stand, to compare with."""
        kept = Installation(self.home / folder)
        kept.file.parent.mkdir(parents=True)
        shutil.copy(self.file, kept.file)
        return kept

    def rebuild(self, *, remembering: bool) -> None:
        """From the same loads: solved anew, and with or without the memory of who was who."""
        for solved in (
            "channel_weights", "experiment_results", "customer_predictions", "store_forecasts",
            "public_holidays",
        ):  # fmt: skip
            shutil.rmtree(self.landing / "o2o" / solved)
        if not remembering:
            self.file.unlink()
        build.build(self.paths, full_refresh=remembering)


@contextmanager
def settings(home: Path, *, tests: bool) -> Iterator[Path]:
    """The plan of experiments and the key; without ``tests`` no data test is run."""
    from dbt.cli.main import dbtRunner

    invoke = dbtRunner.invoke

    def models_only(self: dbtRunner, args: list[str], **more: Any) -> Any:
        # An option of several values: the first of them stands behind its name.
        if "--exclude-resource-type" not in args:
            return invoke(self, args, **more)  # the project is read
        place = args.index("--exclude-resource-type") + 2
        return invoke(self, [*args[:place], "--exclude-resource-type", "test", *args[place:]])

    plan = home / "plan.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("O2O_EXPERIMENTS", str(plan))
        patch.setenv("O2O_IDENTITY_KEY", "test")
        patch.setenv("O2O_DBT_THREADS", "1")
        patch.setenv("DBT_LOG_LEVEL_FILE", "error")  # a debug log of a build costs five seconds
        patch.delenv("O2O_LINKAGE", raising=False)
        if not tests:
            patch.setattr(dbtRunner, "invoke", models_only)
        yield plan


@pytest.mark.timeout(1800)
def test_any_history_built_load_by_load_equals_one_built_at_once(tmp_path: Path) -> None:
    live(tmp_path, seed=1, histories=40)


@pytest.mark.heavy
@pytest.mark.timeout(7200)
def test_a_thousand_histories_pass_the_projects_own_tests_too(tmp_path: Path) -> None:
    live(tmp_path, seed=2, histories=1000, tests=True)


def live(home: Path, seed: int, histories: int, *, tests: bool = False) -> None:
    warehouse = Installation(home)
    warehouse.land_nothing()
    retailers = Retailers(warehouse, seed, histories)
    with settings(home, tests=tests) as plan:
        for place, days in enumerate(LOADS):
            retailers.live(days)
            plan.write_text(PLAN + LATER * (place > 0))
            build.build(warehouse.paths)
            check(warehouse, retailers)
        daily = warehouse.copy("daily")
        warehouse.rebuild(remembering=True)
        assert differences(daily.file, warehouse.file, SCHEMAS, without=LABELS) == {}
        warehouse.rebuild(remembering=False)
    compare(daily, warehouse)
    tell(daily)


# --- After each load ------------------------------------------------------------------------------


def check(warehouse: Installation, retailers: Retailers) -> None:
    """Every conversion is credited whole by every model, every day and channel has its spend."""
    rows = warehouse.rows
    ledger = retailers.vendors.ledger()
    credited = {
        (conversion, model): (share, minor)
        for conversion, model, share, minor in rows(
            """select conversion_id, attribution_model, sum(credit_share), sum(credit_minor)
            from marts.fct_attribution where conversion_type <> 'store_visit' group by all"""
        )
    }
    models = {model for _, model in credited}
    assert len(models) == MODELS
    due = {
        (conversion, model): (1, left)
        for conversion, left in {**ledger, **retailers.vendors.appointments()}.items()
        for model in models
    }
    assert differing(credited, due) == {}
    visits = "(select visit_id from marts.fct_store_visits)"
    assert rows(
        f"""select count(*) from (
            select conversion_id, attribution_model from marts.fct_attribution
            where conversion_type = 'store_visit' and conversion_id in {visits} group by all
            having sum(credit_share) = 1 and sum(abs(credit_minor)) = 0
        )"""
    ) == rows(f"select count(*) * {MODELS} from {visits}")
    assert rows(
        """from marts.fct_attribution where credit_share < 0
            or (touchpoint_id is null) <> (unattributed_reason is not null)
            or (touchpoint_id is null) <> (channel = 'unattributed')"""
    ) == []  # fmt: skip
    spent = {
        campaign: (minor, claims)
        for campaign, minor, claims in rows(
            """select campaign_id, sum(cost_micros), sum(claimed_conversions)
            from marts.fct_ad_spend group by all"""
        )
    }
    ads = retailers.vendors.ads()
    assert differing(spent, ads) == {}
    assert differing(
        dict(rows(
            """select campaign_id, sum(spend_minor) from marts.fct_ad_spend
            where currency_code in ('EUR', 'USD') group by all"""
        )),
        {campaign: half_up(micros) for campaign, (micros, _) in ads.items()},
    ) == {}  # fmt: skip
    # The report: all that was sold, all that was spent and all orders, in each model and view.
    (whole,) = rows(
        """select
            (select sum(net_reporting_minor) from marts.fct_orders where is_sale),
            (select sum(spend_reporting_minor) from marts.fct_ad_spend),
            (select count(*) from marts.fct_orders where is_sale),
            (select count(*) from marts.fct_store_visits),
            (select count(*) from intermediate.int_stores__bookings)"""
    )
    assert whole[2] == len(ledger)
    assert rows(
        """select distinct sum(revenue_amount) * 100, sum(spend_amount) * 100,
            sum(attributed_order_count), sum(attributed_store_visit_count),
            sum(attributed_booking_count)
        from marts.rpt_channel_performance group by attribution_model, credit_view"""
    ) == [whole]
    assert rows(
        "select count(distinct (attribution_model, credit_view)) from marts.rpt_channel_performance"
    ) == [(2 * MODELS,)]
    # Claims are the vendor's, in each model.
    assert rows(
        """select distinct sum(claimed_conversions), sum(spend_amount) * 100
        from marts.rpt_platform_claims where window_days = 1 group by attribution_model"""
    ) == [(sum(claims for _, claims in ads.values()), whole[1])]
    # Footfall: known visits by their credit, the others in whole people.
    assert rows(
        """select footfall.store_id, footfall.footfall_date, attribution.attribution_model
        from marts.fct_store_footfall as footfall
        inner join marts.fct_footfall_attribution as attribution using (store_id, footfall_date)
        group by all
        having sum(known_visit_credit) <> any_value(known_visit_count)
            or sum(anonymous_footfall_count) <> any_value(footfall_count - known_visit_count)"""
    ) == []  # fmt: skip
    assert rows(
        """from marts.rpt_online_to_offline where converted_person_count > reached_person_count
            or converted_person_count > visiting_person_count + buying_person_count"""
    ) == []  # fmt: skip
    assert rows(
        """select report_month, conversion_type, attribution_model
        from marts.rpt_calibrated_attribution group by all
        having sum(raw_conversion_count) <> sum(calibrated_conversion_count)
            or sum(raw_credit_reporting_minor) <> sum(calibrated_credit_reporting_minor)"""
    ) == []  # fmt: skip


def differing(found: dict[Any, Any], due: dict[Any, Any]) -> dict[Any, tuple[Any, Any]]:
    """Few of those that differ: found, due."""
    odd = [key for key in found.keys() | due.keys() if found.get(key) != due.get(key)]
    return {key: (found.get(key), due.get(key)) for key in sorted(odd)[:5]}


def half_up(micros: int) -> int:
    return int((Decimal(micros) / 10_000).to_integral_value(ROUND_HALF_UP))


# --- Against a warehouse that remembers nobody ----------------------------------------------------


def compare(daily: Installation, fresh: Installation) -> None:
    """The same persons, under whatever ids, and then the same rows."""
    persons = [
        {
            frozenset(records): customer
            for customer, records in warehouse.rows(
                """select customer_id, list(record_key)
                from intermediate.int_identity__persons group by all"""
            )
        }
        for warehouse in (daily, fresh)
    ]
    assert persons[0].keys() == persons[1].keys()
    names = pa.table(
        {
            "customer_id": list(persons[1].values()),
            "known_as": [persons[0][records] for records in persons[1]],
        }
    )
    with duckdb.connect(str(fresh.file)) as connection:
        connection.register("names", names)
        for table in TOLD:
            if "customer_id" in connection.sql(f"from {table}").columns:
                connection.execute(
                    f"""update {table} set customer_id = names.known_as from names
                    where {table}.customer_id = names.customer_id"""
                )
    names_told = {table.partition(".")[2] for table in TOLD}
    others = {table.rpartition(".")[2].strip('"') for table in daily.tables()} - names_told
    assert differences(daily.file, fresh.file, SCHEMAS, without=LABELS, skip=(*others,)) == {}


def tell(warehouse: Installation) -> None:
    """Histories in which nothing happens would prove nothing."""
    (found,) = warehouse.rows(
        """select
            (select count(*) from marts.fct_attribution where touchpoint_id is not null),
            (select count(distinct unattributed_reason) from marts.fct_attribution),
            (select count(distinct closed_by) from intermediate.int_identity__memberships),
            (select count(*) from marts.fct_orders where refunded_minor > 0),
            (select count(*) from marts.fct_orders where is_cancelled),
            (select count(*) from marts.fct_store_footfall where footfall_source = 'estimated'),
            (select count(distinct direction) from marts.fct_attribution),
            (select count(*) from marts.fct_attribution where touch_type = 'booking'),
            (select count(*) from marts.fct_attribution where touch_type = 'app_open'),
            (select count(*) from marts.fct_experiments)"""
    )
    assert all(found), found
    assert found[1] == 4, found  # reasons
