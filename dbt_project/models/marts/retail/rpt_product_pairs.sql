{%- set days = var('product_pair_days') | int %}
{%- set least = var('product_pair_minimum_orders') | int %}

with

lines as (
    select
        order_id,
        product_code,
        order_date
    from {{ ref('int_orders__lines') }}
    where is_sale and line_kind = 'goods' and product_code is not null
),

products as (
    select * from {{ ref('int_products__matched') }}
    where is_main
),

newest as (
    select max(order_date) as window_end_date
    from lines
),

bought as (
    select distinct
        lines.order_id,
        lines.product_code
    from lines
    cross join newest
    where {{ day_number('lines.order_date') }} > {{ day_number('newest.window_end_date') }} - {{ days }}
),

-- A trader's order of half the range tells nothing of what goes together, and has the most pairs.
baskets as (
    select
        order_id,
        product_code
    from (
        select
            *,
            count(*) over (partition by order_id) as product_count
        from bought
    ) as sized
    where product_count <= {{ var('product_pair_maximum_products') | int }}
),

counted as (
    select count(distinct order_id) as order_count
    from baskets
),

frequent as (
    select
        product_code,
        count(*) as order_count
    from baskets
    group by product_code
    having count(*) >= {{ least }}
),

kept as (
    select
        baskets.order_id,
        baskets.product_code
    from baskets
    inner join frequent
        on baskets.product_code = frequent.product_code
),

pairs as (
    select
        one.product_code as first_product_code,
        other.product_code as second_product_code,
        count(*) as pair_order_count
    from kept as one
    inner join kept as other
        on one.order_id = other.order_id and one.product_code < other.product_code
    group by one.product_code, other.product_code
    having count(*) >= {{ least }}
)

select
    {{ hash_key(['pairs.first_product_code', 'pairs.second_product_code']) }} as product_pair_id,
    pairs.first_product_code,
    first_products.product_name as first_product_name,
    pairs.second_product_code,
    second_products.product_name as second_product_name,
    newest.window_end_date - {{ days - 1 }} as window_start_date,
    newest.window_end_date,
    pairs.pair_order_count,
    firsts.order_count as first_order_count,
    seconds.order_count as second_order_count,
    counted.order_count as window_order_count,
    {{ exact_ratio('pairs.pair_order_count', 'counted.order_count', 9) }} as support_rate,
    {{ exact_ratio('pairs.pair_order_count', 'firsts.order_count', 9) }} as second_given_first_rate,
    {{ exact_ratio('pairs.pair_order_count', 'seconds.order_count', 9) }} as first_given_second_rate,
    {{ exact_ratio('pairs.pair_order_count * counted.order_count', '(firsts.order_count * seconds.order_count)', 6) }}
        as lift
from pairs
inner join frequent as firsts
    on pairs.first_product_code = firsts.product_code
inner join frequent as seconds
    on pairs.second_product_code = seconds.product_code
cross join counted
cross join newest
left join products as first_products
    on pairs.first_product_code = first_products.product_code
left join products as second_products
    on pairs.second_product_code = second_products.product_code
