{{ config(materialized='table') }}

with

orders as (
    select * from {{ staged('stg_shopify__orders') }}
),

exploded as (
    select
        connection,
        _load_id,
        shopify_order_id,
        cancelled_at,
        fulfillments is not null as has_parcels_told,
        {{ explode('fulfillment_orders') }} as part
    from orders
),

parts as (
    select
        connection,
        _load_id,
        shopify_order_id,
        cancelled_at,
        has_parcels_told,
        {{ gid_number('part.id') }} as fulfilment_id,
        part.status as part_status,
        coalesce(part.deliveryMethod.methodType, 'SHIPPING') as method_type,
        {{ gid_number('part.assignedLocation.location.id') }} as shopify_location_id,
        {{ utc('part.fulfillBy') }} as fulfil_by_at,
        {{ utc('part.deliveryMethod.maxDeliveryDateTime') }} as arrives_by_at,
        {{ utc('part.updatedAt') }} as moved_at
    from exploded
),

-- A list that moves while it is paged through tells a part twice.
newest as (
    select
        *,
        row_number() over (
            partition by connection, shopify_order_id, fulfilment_id
            order by moved_at desc nulls last, part_status asc
        ) as recency
    from parts
    where fulfilment_id is not null and method_type not in ('RETAIL', 'NONE')
),

fulfilments as (
    select
        *,
        sum(case when part_status = 'CANCELLED' then 0 else 1 end) over (
            partition by connection, shopify_order_id
        ) as live_count
    from newest
    where recency = 1
),

made as (
    select
        connection,
        shopify_order_id,
        {{ explode('fulfillments') }} as parcel
    from orders
),

readings as (
    select
        connection,
        shopify_order_id,
        {{ gid_number(first_element('parcel.fulfillmentOrders.nodes') ~ '.id') }} as fulfilment_id,
        parcel.displayStatus as display_status,
        {{ utc('parcel.createdAt') }} as created_at,
        {{ utc('parcel.deliveredAt') }} as delivered_at,
        {{ utc(first_element(filter_elements(
            'parcel.events.nodes', "element.status = 'READY_FOR_PICKUP'"
        )) ~ '.happenedAt') }} as ready_at,
        {{ utc(first_element(filter_elements(
            'parcel.events.nodes', "element.status = 'DELIVERED'"
        )) ~ '.happenedAt') }} as arrived_at
    from made
    where coalesce(parcel.status, 'SUCCESS') not in ('CANCELLED', 'ERROR', 'FAILURE')
),

parcels as (
    select
        *,
        coalesce(ready_at, case when display_status = 'READY_FOR_PICKUP' then created_at end) as laid_ready_at
    from readings
),

-- A parcel that does not name its part is of the only one there is.
told as (
    select
        fulfilments.connection,
        fulfilments.shopify_order_id,
        fulfilments.fulfilment_id,
        count(*) as parcel_count,
        count(parcels.laid_ready_at) as ready_count,
        max(parcels.laid_ready_at) as ready_at,
        sum(case when parcels.display_status = 'READY_FOR_PICKUP' then 1 else 0 end) as waiting_count,
        max(parcels.created_at) as shipped_at,
        -- Made when it is handed over, or before that, when it is ready: then only its delivery tells.
        count(coalesce(parcels.delivered_at, case when parcels.ready_at is null then parcels.created_at end))
            as picked_up_count,
        max(coalesce(parcels.delivered_at, case when parcels.ready_at is null then parcels.created_at end))
            as picked_up_at,
        count(coalesce(parcels.delivered_at, parcels.arrived_at)) as delivered_count,
        max(coalesce(parcels.delivered_at, parcels.arrived_at)) as delivered_at
    from fulfilments
    inner join parcels
        on
            fulfilments.connection = parcels.connection
            and fulfilments.shopify_order_id = parcels.shopify_order_id
            and (
                fulfilments.fulfilment_id = parcels.fulfilment_id
                or (
                    parcels.fulfilment_id is null
                    and fulfilments.live_count = 1
                    and coalesce(fulfilments.part_status, '') <> 'CANCELLED'
                )
            )
    group by fulfilments.connection, fulfilments.shopify_order_id, fulfilments.fulfilment_id
),

joined as (
    select
        fulfilments.*,
        fulfilments.method_type = 'PICK_UP' as is_picked_up,
        coalesce(told.ready_count = told.parcel_count, false) as is_ready,
        told.ready_at,
        told.shipped_at,
        coalesce(told.waiting_count, 0) > 0 as is_waiting,
        case when told.picked_up_count = told.parcel_count then told.picked_up_at end as picked_up_at,
        case when told.delivered_count = told.parcel_count then told.delivered_at end as delivered_at,
        coalesce(fulfilments.part_status = 'CANCELLED', false)
        or (fulfilments.cancelled_at is not null and coalesce(fulfilments.part_status <> 'CLOSED', true))
        -- All that was sent of it was called back: another part takes its place.
        or coalesce(
            fulfilments.part_status = 'CLOSED' and fulfilments.has_parcels_told and told.parcel_count is null, false
        ) as is_off,
        coalesce(fulfilments.part_status = 'CLOSED', false) as is_closed
    from fulfilments
    left join told
        on
            fulfilments.connection = told.connection
            and fulfilments.shopify_order_id = told.shopify_order_id
            and fulfilments.fulfilment_id = told.fulfilment_id
)

select
    connection,
    'shopify' as source_system,
    _load_id,
    shopify_order_id as source_order_id,
    fulfilment_id,
    case when is_picked_up then 'pick_up' else 'ship' end as fulfilment_kind,
    'web_shop' as location_kind,
    shopify_location_id as location_id,
    case
        when is_off then 'cancelled'
        when is_closed and is_picked_up and not is_waiting then 'handed_over'
        when is_closed and not is_picked_up and delivered_at is not null then 'handed_over'
        when is_closed and not is_picked_up then 'shipped'
        when is_picked_up and is_ready then 'ready'
        -- Shopify says so, too, of what is prepared for pick-up.
        when is_picked_up and part_status = 'IN_PROGRESS' then 'in_progress'
        else 'open'
    end as fulfilment_status,
    -- What is picked up is promised to be ready, what is sent to arrive.
    case when is_picked_up then coalesce(arrives_by_at, fulfil_by_at) else arrives_by_at end as promised_at,
    case when not is_picked_up then fulfil_by_at end as promised_ship_at,
    case when is_picked_up and is_ready then ready_at end as ready_at,
    case when not is_picked_up and is_closed then shipped_at end as shipped_at,
    case
        when is_off or not is_closed then null
        when not is_picked_up then delivered_at
        when not is_waiting then picked_up_at
    end as handed_over_at,
    case when is_off then cancelled_at end as cancelled_at
from joined
