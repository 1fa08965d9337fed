{{ config(materialized='view') }}

with

products as (
    select * from {{ staged('stg_adobe_commerce__products') }}
),

categories as (
    select * from {{ staged('stg_adobe_commerce__categories') }}
),

links as (
    select
        connection,
        adobe_commerce_product_id as parent_product_id,
        product_name as parent_name,
        {{ explode('variant_ids') }} as product_id
    from products
    where product_type = 'configurable' and not is_deleted
),

-- A variant may be one of several products: the first counts.
parents as (
    select
        connection,
        product_id,
        min(parent_product_id) as parent_product_id
    from links
    group by connection, product_id
),

named as (
    select
        products.*,
        parents.parent_product_id,
        links.parent_name,
        case
            when substring(products.product_name, 1, length(links.parent_name)) = links.parent_name
                then {{ replace_pattern(
                    'substring(products.product_name, length(links.parent_name) + 1)', '^[-,/ ]+', ''
                ) }}
            when links.parent_name is not null then products.product_name
        end as variant_name
    from products
    left join parents
        on
            products.connection = parents.connection
            and products.adobe_commerce_product_id = parents.product_id
    left join links
        on
            parents.connection = links.connection
            and parents.product_id = links.product_id
            and parents.parent_product_id = links.parent_product_id
    -- What others are variants or members of is not sold itself.
    where products.product_type not in ('configurable', 'grouped')
)

select
    named.connection,
    'adobe_commerce' as source_system,
    named._load_id,
    named.adobe_commerce_product_id as product_id,
    named.parent_product_id,
    coalesce(named.sku, named.adobe_commerce_product_id) as product_code,
    named.barcode,
    coalesce(named.parent_name, named.product_name) as product_name,
    nullif(named.variant_name, '') as variant_name,
    categories.category_name as category,
    case
        when named.product_type = 'giftcard' then 'gift_card'
        when named.product_type in ('virtual', 'downloadable') then 'service'
        else 'goods'
    end as product_kind,
    named.is_enabled and not named.is_deleted as is_active,
    named.created_at,
    named.updated_at
from named
left join categories
    on
        named.connection = categories.connection
        and named.adobe_commerce_category_id = categories.adobe_commerce_category_id
