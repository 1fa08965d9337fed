with

ledger as (
    select * from {{ ref('loyalty_ledger') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

locations as (
    select * from {{ ref('int_stores__locations') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

orders as (
    select * from {{ ref('int_orders__all') }}
),

placed as (
    select
        ledger.*,
        persons.customer_id,
        orders.order_id,
        orders.order_channel,
        coalesce(locations.store_id, orders.store_id) as store_id
    from ledger
    left join persons
        on ledger.record_key = persons.record_key
    left join orders
        on
            ledger.connection = orders.connection
            and ledger.source_order_id = orders.source_order_id
    left join locations
        on
            {{ at_location('ledger', 'ledger.occurred_at') }}
    where ledger.points is not null and ledger.occurred_at is not null
)

select
    {{ hash_key(['placed.connection', 'placed.entry_id']) }} as loyalty_entry_id,
    placed.connection,
    placed.source_system,
    placed.loyalty_account_id,
    placed.customer_id,
    placed.entry_kind,
    coalesce(placed.order_channel, case when placed.store_id is not null then 'till' end, 'none') as channel,
    placed.store_id,
    placed.order_id,
    placed.occurred_at,
    {{ local_date(
        'placed.occurred_at', "coalesce(stores.time_zone, '" ~ var('reporting_time_zone') ~ "')"
    ) }} as entry_date,
    placed.points,
    cast(
        sum(placed.points) over (
            partition by placed.connection, placed.loyalty_account_id
            order by placed.occurred_at, placed.entry_id
            rows between unbounded preceding and current row
        ) as bigint
    ) as points_after
from placed
left join stores
    on placed.store_id = stores.store_id
