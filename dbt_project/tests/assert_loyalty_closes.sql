-- A month's opening and movements come to its closing, which the next month opens with; the last is what all
-- movements come to, and what each account has left.
with

months as (
    select
        *,
        opening_points + earned_points + redeemed_points + reversed_points + adjusted_points + expired_points
        + other_points as moved_points,
        coalesce(
            lag(closing_points) over (partition by connection order by loyalty_month), 0
        ) as closed_before,
        row_number() over (partition by connection order by loyalty_month desc) as place
    from {{ ref('rpt_loyalty') }}
),

ledger as (
    select
        connection,
        sum(points) as points
    from {{ ref('loyalty_ledger') }}
    where occurred_at is not null
    group by connection
),

balances as (
    select
        connection,
        sum(points_after) as points
    from (
        select
            connection,
            points_after,
            row_number() over (
                partition by connection, loyalty_account_id order by occurred_at desc, loyalty_entry_id asc
            ) as place,
            count(*) over (partition by connection, loyalty_account_id, occurred_at) as at_once
        from {{ ref('fct_loyalty') }}
    ) as entries
    where place = 1
    group by connection
    -- Of two movements at the same moment the hash does not tell which was the last.
    having max(at_once) = 1
)

select
    ledger.connection,
    months.loyalty_month,
    months.opening_points,
    months.closing_points,
    ledger.points,
    balances.points as balance_points
from ledger
left join months
    on ledger.connection = months.connection
left join balances
    on ledger.connection = balances.connection
where
    months.connection is null
    or months.moved_points <> months.closing_points
    or months.opening_points <> months.closed_before
    or months.earned_points
    <> months.earned_web_points + months.earned_bopis_points + months.earned_till_points + months.earned_none_points
    or (months.place = 1 and months.closing_points <> ledger.points)
    or (months.place = 1 and months.closing_points <> balances.points)
