with

sales as (
    select * from {{ ref('int_orders__all') }}
    where is_sale and customer_id is not null
),

lines as (
    select * from {{ ref('order_lines') }}
    where line_kind = 'goods' and product_code is not null
),

products as (
    select * from {{ ref('products') }}
    where category is not null and product_kind = 'goods'
),

-- A till may know the article and not its category, which the web shop tells.
own_categories as (
    select
        connection,
        product_code,
        min(lower(trim(category))) as category
    from products
    group by connection, product_code
),

categories as (
    select
        product_code,
        min(category) as category
    from own_categories
    group by product_code
),

bought as (
    select distinct
        sales.customer_id,
        coalesce(own_categories.category, categories.category) as category
    from sales
    inner join lines
        on
            sales.connection = lines.connection
            and sales.source_order_id = lines.source_order_id
    left join own_categories
        on
            lines.connection = own_categories.connection
            and lines.product_code = own_categories.product_code
    left join categories
        on lines.product_code = categories.product_code
    where coalesce(own_categories.category, categories.category) is not null
),

buyers as (
    select
        category,
        count(*) as buyer_count
    from bought
    group by category
),

-- Who bought the one, how many of them the other, too. The ten that follow most often are enough.
pairs as (
    select
        category,
        next_category,
        shared_count,
        row_number() over (
            partition by category
            order by shared_count desc, next_category asc
        ) as place
    from (
        select
            bought.category,
            others.category as next_category,
            count(*) as shared_count
        from bought
        inner join bought as others
            on bought.customer_id = others.customer_id and bought.category <> others.category
        group by bought.category, others.category
    ) as counted
),

-- In millionths of the buyers of what somebody has; summed over all that he has.
likely as (
    select
        bought.customer_id,
        pairs.next_category,
        sum({{ divide_rounded('pairs.shared_count', 1000000, 'buyers.buyer_count') }}) as weight
    from bought
    inner join pairs
        on bought.category = pairs.category and pairs.place <= 10
    inner join buyers
        on bought.category = buyers.category
    left join bought as owned
        on bought.customer_id = owned.customer_id and pairs.next_category = owned.category
    where owned.customer_id is null
    group by bought.customer_id, pairs.next_category
)

select
    customer_id,
    next_category
from (
    select
        customer_id,
        next_category,
        row_number() over (
            partition by customer_id
            order by weight desc, next_category asc
        ) as place
    from likely
) as ranked
where place = 1
