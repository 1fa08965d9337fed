{{ config(materialized='view') }}

-- No field tells a promise, when it was collected, or when it came; the order's history when it was said to be ready.
with

orders as (
    select * from {{ staged('stg_adobe_commerce__orders') }}
    where not is_virtual and not is_deleted
),

shipped as (
    select
        connection,
        adobe_commerce_order_id,
        sum(shipped_quantity) as shipped_quantity
    from {{ ref('stg_adobe_commerce__order_lines') }}
    group by connection, adobe_commerce_order_id
),

exploded as (
    select
        connection,
        adobe_commerce_order_id,
        {{ explode('pickup_notices') }} as notice
    from orders
),

-- Some are told twice.
noticed as (
    select
        connection,
        adobe_commerce_order_id,
        min({{ utc('notice.created_at') }}) as ready_at
    from exploded
    group by connection, adobe_commerce_order_id
),

joined as (
    select
        orders.*,
        orders.pickup_location_code is not null or orders.shipping_method = 'instore_pickup' as is_picked_up,
        orders.order_state = 'canceled'
        or (orders.order_state = 'closed' and coalesce(shipped.shipped_quantity, 0) = 0) as is_off,
        coalesce(shipped.shipped_quantity, 0) > 0 as is_shipped,
        noticed.ready_at
    from orders
    left join shipped
        on
            orders.connection = shipped.connection
            and orders.adobe_commerce_order_id = shipped.adobe_commerce_order_id
    left join noticed
        on
            orders.connection = noticed.connection
            and orders.adobe_commerce_order_id = noticed.adobe_commerce_order_id
)

select
    connection,
    'adobe_commerce' as source_system,
    _load_id,
    adobe_commerce_order_id as source_order_id,
    adobe_commerce_order_id as fulfilment_id,
    case when is_picked_up then 'pick_up' else 'ship' end as fulfilment_kind,
    'web_shop' as location_kind,
    case when is_picked_up then pickup_location_code end as location_id,
    case
        when is_off then 'cancelled'
        when is_picked_up and (is_shipped or ready_at is not null) then 'ready'
        when is_shipped then 'shipped'
        else 'open'
    end as fulfilment_status,
    cast(null as timestamp) as promised_at,
    cast(null as timestamp) as promised_ship_at,
    case when is_picked_up then ready_at end as ready_at,
    cast(null as timestamp) as shipped_at,
    cast(null as timestamp) as handed_over_at,
    case when order_state = 'canceled' then last_changed_at end as cancelled_at
from joined
