{#- Order lines and stock name a product by its SKU, or by the source's id. Of one that its own system does not list
    (any more), another system's product of that SKU tells what it is. -#}
with

products as (
    select * from {{ ref('int_products__matched') }}
),

told as (
    select
        connection,
        {{ same_code('product_code') }} as compared_code
    from {{ ref('order_lines') }}
    union
    select
        connection,
        {{ same_code('product_code') }} as compared_code
    from {{ ref('inventory_levels') }}
),

-- Of several products of one code: what is sold still, if it is one thing.
listed as (
    select
        connection,
        compared_code,
        min(product_key) as product_key,
        min(product_code) as product_code,
        min(product_code) = max(product_code) as is_one
    from (
        select
            *,
            max(case when is_active then 1 else 0 end) over (partition by connection, compared_code) as any_active
        from products
    ) as ranked
    where is_active or any_active = 0
    group by connection, compared_code
),

elsewhere as (
    select
        {{ same_code('sku') }} as compared_code,
        min(matched_product_key) as product_key,
        min(product_code) as product_code
    from products
    where sku is not null
    group by {{ same_code('sku') }}
    having min(product_code) = max(product_code)
)

select
    told.connection,
    told.compared_code,
    case
        when listed.compared_code is null then elsewhere.product_key
        when listed.is_one then listed.product_key
    end as product_key,
    case
        when listed.compared_code is null then elsewhere.product_code
        when listed.is_one then listed.product_code
    end as product_code,
    case
        when listed.is_one then 'listed'
        when listed.compared_code is not null then 'ambiguous'
        when elsewhere.compared_code is not null then 'listed_elsewhere'
        else 'not_listed'
    end as found
from told
left join listed
    on told.connection = listed.connection and told.compared_code = listed.compared_code
left join elsewhere
    on told.compared_code = elsewhere.compared_code
where told.compared_code is not null
