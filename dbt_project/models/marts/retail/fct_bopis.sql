with

orders as (
    select * from {{ ref('int_orders__all') }}
    where order_channel = 'bopis'
),

parts as (
    select * from {{ ref('int_orders__fulfilments') }}
    where fulfilment_kind = 'pick_up'
),

-- What was cancelled counts only where nothing else is left of the order.
live as (
    select
        *,
        max(case when fulfilment_status = 'cancelled' then 0 else 1 end) over (partition by order_id) as has_live
    from parts
),

-- An order is ready when all of it is, and late when any of it is.
fetched as (
    select
        order_id,
        count(*) as part_count,
        max(has_live) as has_live,
        max(promised_at) as promised_at,
        case when count(ready_at) = count(*) then max(ready_at) end as ready_at,
        case when count(handed_over_at) = count(*) then max(handed_over_at) end as picked_up_at,
        max(cancelled_at) as part_cancelled_at,
        sum(case when fulfilment_status = 'handed_over' then 1 else 0 end) as picked_up_count,
        sum(case when fulfilment_status in ('handed_over', 'ready') then 1 else 0 end) as ready_count,
        sum(case when fulfilment_status = 'in_progress' then 1 else 0 end) as begun_count,
        sum(case when promise_outcome = 'late' then 1 else 0 end) as late_count,
        sum(case when promise_outcome = 'not_told' then 1 else 0 end) as not_told_count,
        sum(case when promise_outcome = 'pending' then 1 else 0 end) as pending_count,
        sum(case when promise_outcome = 'kept' then 1 else 0 end) as kept_count
    from live
    where has_live = 0 or fulfilment_status <> 'cancelled'
    group by order_id
),

pickups as (
    select
        orders.*,
        fetched.part_count,
        fetched.promised_at,
        fetched.ready_at,
        fetched.picked_up_at,
        coalesce(orders.cancelled_at, fetched.part_cancelled_at) as taken_back_at,
        case
            when fetched.has_live = 0 or (fetched.order_id is null and orders.is_cancelled) then 'cancelled'
            when fetched.order_id is null then 'not_told'
            when fetched.picked_up_count = fetched.part_count then 'picked_up'
            when fetched.ready_count = fetched.part_count then 'ready'
            when fetched.begun_count > 0 then 'in_progress'
            else 'open'
        end as pickup_status,
        case
            when fetched.has_live = 0 or (fetched.order_id is null and orders.is_cancelled) then 'cancelled'
            when fetched.order_id is null then 'not_told'
            when fetched.late_count > 0 then 'late'
            when fetched.not_told_count > 0 then 'not_told'
            when fetched.pending_count > 0 then 'pending'
            when fetched.kept_count > 0 then 'kept'
            else 'no_promise'
        end as promise_outcome
    from orders
    left join fetched
        on orders.order_id = fetched.order_id
),

sales as (
    select * from {{ ref('int_orders__all') }}
    where order_channel = 'till' and is_sale and customer_id is not null and sold_store_id is not null
),

-- Before the pick-up or after it; a sale is of the nearest one, so that each counts once.
along as (
    select
        pickups.order_id,
        sales.order_id as sale_id,
        sales.ordered_at,
        sales.net_reporting_minor,
        row_number() over (
            partition by sales.order_id
            order by abs({{ seconds_between('pickups.picked_up_at', 'sales.ordered_at') }}), pickups.order_id
        ) as place
    from pickups
    inner join sales
        on
            pickups.customer_id = sales.customer_id
            and pickups.pickup_store_id = sales.sold_store_id
            and {{ seconds_between('pickups.picked_up_at', 'sales.ordered_at') }}
            between -3600 * {{ var('pickup_sale_hours') }} and 3600 * {{ var('pickup_sale_hours') }}
    where pickups.pickup_status = 'picked_up'
),

cross_sales as (
    select
        order_id,
        count(*) as cross_sell_order_count,
        cast(sum(net_reporting_minor) as bigint) as cross_sell_reporting_minor
    from along
    where place = 1
    group by order_id
),

first_sales as (
    select
        order_id,
        sale_id,
        row_number() over (partition by order_id order by ordered_at, sale_id) as place
    from along
    where place = 1
),

joined as (
    select
        pickups.*,
        -- Whether they bought along can be seen only of whom is known who they are, and when they came.
        pickups.pickup_status = 'picked_up'
        and pickups.picked_up_at is not null
        and pickups.customer_id is not null
        and pickups.pickup_store_id is not null as is_cross_sell_known,
        first_sales.sale_id,
        coalesce(cross_sales.cross_sell_order_count, 0) as cross_sell_count,
        case when cross_sales.order_id is null then 0 else cross_sales.cross_sell_reporting_minor end
            as cross_sell_minor
    from pickups
    left join cross_sales
        on pickups.order_id = cross_sales.order_id
    left join first_sales
        on pickups.order_id = first_sales.order_id and first_sales.place = 1
)

select
    order_id,
    connection,
    source_system,
    customer_id,
    pickup_store_id as store_id,
    is_sale,
    ordered_at,
    order_date,
    coalesce(part_count, 0) as pickup_part_count,
    pickup_status,
    promised_at,
    ready_at,
    picked_up_at,
    case when pickup_status = 'cancelled' then taken_back_at end as cancelled_at,
    {{ minutes_between('ordered_at', 'ready_at') }} as minutes_to_ready,
    {{ minutes_between('ordered_at', 'picked_up_at') }} as minutes_to_pickup,
    {{ minutes_between('ready_at', 'picked_up_at') }} as minutes_waiting,
    promise_outcome,
    case promise_outcome when 'kept' then true when 'late' then false end as is_promise_kept,
    case when is_cross_sell_known then cross_sell_count > 0 end as has_cross_sell,
    sale_id as cross_sell_order_id,
    case when is_cross_sell_known then cross_sell_count end as cross_sell_order_count,
    case when is_cross_sell_known then cross_sell_minor end as cross_sell_reporting_minor,
    {{ reporting_amount('case when is_cross_sell_known then cross_sell_minor end') }} as cross_sell_amount
from joined
