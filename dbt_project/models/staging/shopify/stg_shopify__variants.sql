{{ config(materialized='view') }}

with

products as (
    select * from {{ staged('stg_shopify__products') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

exploded as (
    select
        shopify_product_id,
        title,
        status,
        is_gift_card,
        category,
        currency_code,
        is_deleted,
        created_at,
        updated_at,
        {{ explode('variants') }} as variant,
        connection,
        _load_id,
        _extracted_at
    from products
),

renamed as (
    select
        {{ gid_number('exploded.variant.id') }} as shopify_variant_id,
        exploded.shopify_product_id,
        {{ gid_number('exploded.variant.inventoryItem.id') }} as inventory_item_id,
        nullif(trim(exploded.variant.sku), '') as sku,
        nullif(trim(exploded.variant.barcode), '') as barcode,
        exploded.title as product_title,
        -- Shopify's word for the variant of a product that has no others.
        nullif(exploded.variant.title, 'Default Title') as variant_title,
        exploded.category,
        exploded.is_gift_card,
        coalesce(exploded.status in ('ACTIVE', 'UNLISTED'), false) and not exploded.is_deleted as is_active,
        exploded.is_deleted,
        currencies.currency_code,
        {{ to_minor('exploded.variant.price', 'currencies.exponent') }} as price_minor,
        {{ to_minor('exploded.variant.compareAtPrice', 'currencies.exponent') }} as compare_at_minor,
        {{ flag('exploded.variant.inventoryItem.tracked') }} as is_tracked,
        coalesce({{ utc('exploded.variant.createdAt') }}, exploded.created_at) as created_at,
        -- What the product says is of its variants, too, and moves the product's own time alone.
        greatest({{ utc('exploded.variant.updatedAt') }}, exploded.updated_at) as updated_at,
        {{ utc('exploded.variant.updatedAt') }} as variant_updated_at,
        exploded.connection,
        exploded._load_id,
        exploded._extracted_at
    from exploded
    left join currencies
        on exploded.currency_code = currencies.currency_code
)

select * from renamed
