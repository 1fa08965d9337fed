{{ config(materialized='view') }}

with

orders as (
    select * from {{ staged('stg_square__orders') }}
),

exploded as (
    select
        connection,
        _load_id,
        square_order_id,
        square_location_id,
        order_state,
        {{ explode('fulfillments') }} as part
    from orders
),

-- An id that is missing, or twice in an order, tells nothing apart: such a part is not kept.
parts as (
    select
        *,
        row_number() over (partition by connection, square_order_id, part.uid order by part.state) as place
    from exploded
    where part.uid is not null and part.type in ('PICKUP', 'SHIPMENT', 'DELIVERY')
),

timed as (
    select
        connection,
        _load_id,
        square_order_id,
        square_location_id,
        part.uid as fulfilment_id,
        part.type as part_type,
        part.state as part_state,
        coalesce(part.state in ('CANCELED', 'FAILED') or order_state = 'CANCELED', false) as is_off,
        {{ utc('part.pickup_details.pickup_at') }} as pickup_at,
        {{ utc('part.delivery_details.deliver_at') }} as deliver_at,
        {{ utc('part.shipment_details.expected_shipped_at') }} as expected_shipped_at,
        {{ utc('coalesce(part.pickup_details.ready_at, part.delivery_details.ready_at)') }} as ready_at,
        {{ utc('coalesce(part.shipment_details.shipped_at, part.delivery_details.courier_pickup_at)') }} as shipped_at,
        {{ utc('coalesce(part.pickup_details.picked_up_at, part.delivery_details.delivered_at)') }} as handed_over_at,
        {{ utc(
            'coalesce(part.pickup_details.canceled_at, part.pickup_details.rejected_at, part.pickup_details.expired_at,'
            ~ ' part.shipment_details.canceled_at, part.shipment_details.failed_at,'
            ~ ' part.delivery_details.canceled_at, part.delivery_details.rejected_at)'
        ) }} as cancelled_at
    from parts
    where place = 1
)

select
    connection,
    'square' as source_system,
    _load_id,
    square_order_id as source_order_id,
    fulfilment_id,
    case when part_type = 'PICKUP' then 'pick_up' else 'ship' end as fulfilment_kind,
    'till' as location_kind,
    square_location_id as location_id,
    case
        when is_off then 'cancelled'
        when handed_over_at is not null or (part_state = 'COMPLETED' and part_type <> 'SHIPMENT') then 'handed_over'
        when shipped_at is not null or part_state = 'COMPLETED' then 'shipped'
        when ready_at is not null or part_state = 'PREPARED' then 'ready'
        else 'open'
    end as fulfilment_status,
    -- The pick-up window begins when it is to be ready.
    case when part_type = 'PICKUP' then pickup_at when part_type = 'DELIVERY' then deliver_at end as promised_at,
    case when part_type = 'SHIPMENT' then expected_shipped_at end as promised_ship_at,
    ready_at,
    shipped_at,
    handed_over_at,
    case when is_off then cancelled_at end as cancelled_at
from timed
