{%- set days_before = [(var('inventory_demand_days') | int) - 1, 0] | max %}

with

-- What is promised to somebody cannot be sold.
stock as (
    select
        *,
        coalesce(available_quantity, on_hand_quantity) as sellable_quantity
    from {{ ref('int_products__stock_days') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

products as (
    select * from {{ ref('int_products__matched') }}
    where is_main
),

lines as (
    select * from {{ ref('int_orders__lines') }}
    where is_sale and line_kind = 'goods' and product_code is not null
),

sold as (
    select
        product_code,
        store_id,
        order_date,
        sum(quantity) as sold_quantity
    from lines
    where store_id is not null
    group by product_code, store_id, order_date
),

first_sold as (
    select
        product_code,
        store_id,
        min(order_date) as first_sold_date
    from sold
    group by product_code, store_id
),

moved as (
    select
        stock.*,
        coalesce(first_sold.first_sold_date <= stock.stock_date, false) as is_sold_before,
        stores.region_code,
        -- Who sent what the web sold, nobody tells.
        case when stock.store_id is not null then coalesce(sold.sold_quantity, 0) end as sold_quantity,
        lag(stock.on_hand_quantity) over before as opening_quantity,
        lag(stock.sellable_quantity) over before as opening_sellable_quantity,
        max(stock.sellable_quantity) over (
            partition by stock.product_code, stock.place_id
            order by stock.stock_date
            rows between unbounded preceding and current row
        ) as highest_quantity
    from stock
    left join stores
        on stock.store_id = stores.store_id
    left join sold
        on
            stock.product_code = sold.product_code
            and stock.store_id = sold.store_id
            and stock.stock_date = sold.order_date
    left join first_sold
        on
            stock.product_code = first_sold.product_code
            and stock.store_id = first_sold.store_id
    window before as (partition by stock.product_code, stock.place_id order by stock.stock_date)
),

judged as (
    select
        moved.*,
        products.product_key,
        products.product_name,
        products.category,
        -- What a place never had, or the system that counts it sells no more, is not missing there. A store had what
        -- it sold, though it was gone when it was first counted.
        moved.sellable_quantity <= 0
        and coalesce(moved.is_active, true)
        and (moved.highest_quantity > 0 or moved.is_sold_before) as is_stock_out,
        moved.sellable_quantity <= 0 and moved.opening_sellable_quantity <= 0 as is_out_all_day
    from moved
    left join products
        on moved.product_code = products.product_code
),

demanded as (
    select
        *,
        sum(sold_quantity) over until_it as demand_quantity,
        count(sold_quantity) over until_it as demand_day_count,
        sum(case when not is_out_all_day or is_out_all_day is null then sold_quantity end) over until_it
            as supplied_quantity,
        count(case when not is_out_all_day or is_out_all_day is null then sold_quantity end) over until_it
            as supplied_day_count,
        sum(case when store_id is not null and sellable_quantity > 0 then 1 else 0 end) over (
            partition by product_code, region_code, stock_date
        ) as supplied_store_count,
        row_number() over (
            partition by product_code, region_code, stock_date
            order by case when store_id is null then 1 else 0 end, coalesce(opening_sellable_quantity, 0) desc, place_id
        ) as supplier_rank
    from judged
    window until_it as (
        partition by product_code, place_id
        order by stock_date
        rows between {{ days_before }} preceding and current row
    )
),

-- Each line at one shop, that of its region which had most of it, as long as there was enough for all of them.
wanted as (
    select
        demanded.product_code,
        demanded.place_id,
        demanded.stock_date,
        demanded.opening_sellable_quantity,
        lines.quantity,
        sum(lines.quantity) over (
            partition by demanded.product_code, demanded.place_id, demanded.stock_date
            order by lines.ordered_at, lines.order_line_id
            rows between unbounded preceding and current row
        ) as wanted_quantity
    from demanded
    inner join lines
        on
            demanded.product_code = lines.product_code
            and demanded.region_code = lines.order_region_code
            and demanded.stock_date = lines.order_date
    where
        demanded.supplier_rank = 1
        and demanded.store_id is not null
        and lines.order_channel = 'web'
        and lines.store_id is null
),

fillable as (
    select
        product_code,
        place_id,
        stock_date,
        count(*) as line_count,
        sum(quantity) as quantity
    from wanted
    where wanted_quantity <= opening_sellable_quantity
    group by product_code, place_id, stock_date
)

select
    {{ hash_key(['demanded.product_code', 'demanded.place_id', 'demanded.stock_date']) }} as inventory_daily_id,
    demanded.product_key as product_id,
    demanded.product_code,
    demanded.product_name,
    demanded.category,
    demanded.place_id,
    demanded.store_id,
    demanded.stock_date,
    cast(demanded.opening_quantity as decimal(18, 5)) as opening_quantity,
    cast(demanded.sold_quantity as decimal(18, 5)) as sold_quantity,
    cast(demanded.on_hand_quantity - demanded.opening_quantity + demanded.sold_quantity as decimal(18, 5))
        as other_moves_quantity,
    demanded.on_hand_quantity,
    demanded.available_quantity,
    case
        when demanded.demand_quantity > 0
            then cast(
                greatest(demanded.sellable_quantity, 0) * demanded.demand_day_count / demanded.demand_quantity
                as decimal(18, 2)
            )
    end as days_of_cover,
    demanded.is_stock_out,
    case
        when demanded.region_code is not null and demanded.store_id is not null
            then cast(
                demanded.supplied_store_count - case when demanded.sellable_quantity > 0 then 1 else 0 end as bigint
            )
    end as nearby_store_count,
    case
        when not demanded.is_stock_out then cast(0 as decimal(18, 2))
        when demanded.is_out_all_day and demanded.supplied_day_count >= 7
            then cast(greatest(
                demanded.supplied_quantity / demanded.supplied_day_count - demanded.sold_quantity, 0
            ) as decimal(18, 2))
    end as lost_quantity_estimate,
    coalesce(fillable.line_count, 0) as fillable_web_line_count,
    cast(coalesce(fillable.quantity, 0) as decimal(18, 5)) as fillable_web_quantity
from demanded
left join fillable
    on
        demanded.product_code = fillable.product_code
        and demanded.place_id = fillable.place_id
        and demanded.stock_date = fillable.stock_date
