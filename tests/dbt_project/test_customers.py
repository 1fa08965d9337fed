"""Customers' histories, worth and segments against answers worked out by hand."""

from __future__ import annotations

import pytest

from tests.dbt_project.ordinary_sales import rows
from tests.dbt_project.warehouse import Warehouse

pytestmark = pytest.mark.e2e


# The customers of ordinary_customers, by the name that their orders have.
OF = """(
    select distinct customer_id, substring(order_name, 2, position('_' in order_name) - 2) as name
    from marts.fct_orders where order_name similar to '#(ANNA|BEN|CARA|DAN)_[0-9]'
)"""


def test_orders_are_numbered_by_sales_and_months_are_the_shops(shops: Warehouse) -> None:
    """dbt_shopify 103: new and returning by the day; here by the month, each customer once."""
    assert rows(
        shops,
        """select order_name, customer_order_number, is_first_order, is_new_customer,
            first_purchase_channel
        from marts.fct_orders where order_name similar to '#(ANNA|CARA|DAN)_[0-9]' order by 1""",
    ) == [
        ("#ANNA_1", 1, True, True, "web"),
        ("#ANNA_2", 2, False, True, "web"),
        ("#ANNA_3", 3, False, False, "web"),
        ("#ANNA_4", 4, False, False, "web"),
        ("#CARA_1", None, None, None, None),  # it was taken back
        ("#CARA_2", 1, True, True, "web"),
        ("#CARA_3", 2, False, False, "web"),
        ("#DAN_1", 1, True, True, "web"),
    ]
    assert rows(
        shops,
        """select count(*), count(customer_order_number), count(is_new_customer)
        from marts.fct_orders where customer_id is null and is_sale""",
    )[0][1:] == (0, 0)


def test_a_cohort_is_of_the_first_sale_and_quiet_months_count(shops: Warehouse) -> None:
    """dbt_shopify 85: months without a number, and months without a row."""
    assert rows(
        shops,
        """select cohort_month::varchar, months_since, is_complete, sum(cohort_customer_count),
            sum(active_customer_count), sum(order_count), sum(net_reporting_minor)
        from marts.fct_cohort_retention
        where first_purchase_channel = 'web' and cohort_month between '2025-10-01' and '2026-01-31'
        and cohort_month <> '2025-12-01'
        group by all order by all""",
    ) == [
        ("2025-11-01", 0, True, 1, 1, 2, 15_000),
        ("2025-11-01", 1, True, 1, 1, 1, 6_000),
        ("2025-11-01", 2, True, 1, 0, 0, 0),
        ("2025-11-01", 3, True, 1, 1, 1, 0),  # given back in March: the sale's month has it
        ("2025-11-01", 4, True, 1, 0, 0, 0),
        ("2025-11-01", 5, False, 1, 0, 0, 0),
        ("2026-01-01", 0, True, 2, 2, 2, 9_000),  # DAN, whose clock had struck twelve, and CARA
        ("2026-01-01", 1, True, 2, 0, 0, 0),
        ("2026-01-01", 2, True, 2, 0, 0, 0),
        ("2026-01-01", 3, False, 2, 1, 1, 2_000),
    ]


def test_a_customer_is_worth_what_was_kept_and_what_the_history_says(shops: Warehouse) -> None:
    assert rows(
        shops,
        f"""select name, order_count, purchase_day_count, historic_value_amount::varchar,
            probability_alive::float, predicted_purchase_count::float,
            predicted_purchase_amount::varchar, predicted_value_amount::varchar, prediction_reason
        from marts.fct_customer_ltv inner join {OF} using (customer_id) order by name""",
    ) == [
        # 0.4 x 100.00 + 0.6 x 30.00, the mean of 60.00 and of what was given back; 2.5 times.
        ("ANNA", 4, 3, "210.00", 0.5, 2.5, "58.00", "145.00", None),
        ("BEN", 1, 1, "30.00", None, pytest.approx(0.3), "100.00", "30.00", None),
        ("CARA", 2, 2, "100.00", None, None, None, None, "no_purchase_model"),
        ("DAN", 1, 1, "10.00", None, None, None, None, "no_purchase_model"),
    ]


def test_customers_have_what_they_like_and_what_they_may_be_written_by(shops: Warehouse) -> None:
    # Four have bought; two of them less often than CARA, who is in the third fifth.
    assert rows(
        shops,
        f"""select name, preferred_channel, next_category, days_since_last_order,
            email_consent_status, sms_consent_status, rfm_segment
        from marts.dim_customers inner join {OF} using (customer_id) order by name""",
    ) == [
        # Who said no at the till is not written to, whatever the web shop has.
        ("ANNA", "web", None, 61, "refused", "unknown", "loyal"),
        # Of two who bought coats, one has mugs and scarves; on a tie the name.
        ("BEN", "store", "kitchen", 134, "granted", "granted", "hibernating"),
        ("CARA", "both", "coats", 0, "refused", "granted", "loyal"),
        ("DAN", "web", "kitchen", 92, "pending", "unknown", "hibernating"),
    ]


def test_a_segment_is_written_to_by_what_it_consented_to(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select rfm_segment, preferred_channel, customer_count, email_customer_count,
            sms_customer_count, net_amount::varchar, average_value_amount::varchar, next_message
        from marts.rpt_segments where consented_to in ('sms', 'email_and_sms') order by all""",
    ) == [
        ("hibernating", "store", 1, 1, 1, "30.00", "30.00", "win_back"),
        ("loyal", "both", 1, 0, 1, "100.00", "100.00", "thanks"),
    ]
