with

fulfilments as (
    select * from {{ ref('fulfilments') }}
),

orders as (
    select
        order_id,
        connection,
        source_order_id,
        ordered_at,
        is_cancelled
    from {{ ref('int_orders__all') }}
),

moments as (
    select
        connection,
        ordered_at as happened_at
    from orders
    {%- for moment in ['ready_at', 'shipped_at', 'handed_over_at', 'cancelled_at'] %}
    union all
    select
        connection,
        {{ moment }} as happened_at
    from fulfilments
    {%- endfor %}
),

newest as (
    select
        connection,
        max(happened_at) as known_until
    from moments
    group by connection
),

joined as (
    select
        orders.order_id,
        fulfilments.connection,
        fulfilments.fulfilment_id,
        fulfilments.fulfilment_kind,
        -- Of an order that was taken back nothing leaves any more.
        case
            when orders.is_cancelled and fulfilments.fulfilment_status in ('open', 'in_progress', 'ready')
                then 'cancelled'
            else fulfilments.fulfilment_status
        end as fulfilment_status,
        fulfilments.promised_at,
        fulfilments.promised_ship_at,
        fulfilments.ready_at,
        fulfilments.shipped_at,
        fulfilments.handed_over_at,
        fulfilments.cancelled_at,
        newest.known_until,
        -- What was picked up was ready; so says the promise, too, where it was picked up in time.
        case
            when fulfilments.fulfilment_kind = 'ship' then fulfilments.handed_over_at
            when fulfilments.ready_at is not null then fulfilments.ready_at
            when fulfilments.handed_over_at <= fulfilments.promised_at then fulfilments.handed_over_at
        end as met_at
    from fulfilments
    inner join orders
        on
            fulfilments.connection = orders.connection
            and fulfilments.source_order_id = orders.source_order_id
    inner join newest
        on fulfilments.connection = newest.connection
)

select
    order_id,
    connection,
    fulfilment_id,
    fulfilment_kind,
    fulfilment_status,
    promised_at,
    promised_ship_at,
    ready_at,
    shipped_at,
    handed_over_at,
    cancelled_at,
    known_until,
    case
        when fulfilment_status = 'cancelled' then 'cancelled'
        when promised_at is null then 'no_promise'
        when met_at <= promised_at then 'kept'
        when met_at > promised_at then 'late'
        -- It may have happened, and nobody says when.
        when fulfilment_status in ('ready', 'handed_over') then 'not_told'
        when promised_at >= known_until then 'pending'
        when fulfilment_status = 'open' then 'late'
        else 'not_told'
    end as promise_outcome
from joined
