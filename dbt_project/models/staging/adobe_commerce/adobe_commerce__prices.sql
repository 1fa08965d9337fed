{{ config(materialized='view') }}

with

products as (
    select
        *,
        {{ explode('website_ids') }} as website_id
    from {{ staged('stg_adobe_commerce__products') }}
    where
        not is_deleted
        and product_type not in ('configurable', 'grouped')
        -- The price of a bundle may be that of its parts, that of a gift card the customer's.
        and not (product_type in ('bundle', 'giftcard') and coalesce(price_amount, 0) = 0)
),

-- A website's base currency and zone. They are read by each load, and tell as of when prices are.
websites as (
    select
        connection,
        adobe_commerce_website_id,
        min(base_currency_code) as base_currency_code,
        min(time_zone) as time_zone,
        max(_extracted_at) as read_at
    from {{ staged('stg_adobe_commerce__store_configs') }}
    group by connection, adobe_commerce_website_id
),

currencies as (
    select * from {{ ref('currencies') }}
),

priced as (
    select
        products.*,
        currencies.currency_code,
        currencies.exponent,
        {{ local_date('websites.read_at', "coalesce(websites.time_zone, 'UTC')") }} as read_date,
        row_number() over (
            partition by products.connection, products.adobe_commerce_product_id
            order by websites.adobe_commerce_website_id
        ) as place
    from products
    inner join websites
        on
            products.connection = websites.connection
            and {{ whole('products.website_id') }} = websites.adobe_commerce_website_id
    left join currencies
        on websites.base_currency_code = currencies.currency_code
),

reduced as (
    select
        *,
        coalesce(
            special_price_amount < price_amount
            and (special_from_at is null or cast(special_from_at as date) <= read_date)
            and (special_to_at is null or cast(special_to_at as date) >= read_date),
            false
        ) as is_reduced
    from priced
    where place = 1
)

select
    connection,
    'adobe_commerce' as source_system,
    _load_id,
    concat(adobe_commerce_product_id, ':', coalesce(currency_code, '')) as price_id,
    adobe_commerce_product_id as product_id,
    coalesce(sku, adobe_commerce_product_id) as product_code,
    'web' as sales_channel,
    'web_shop' as location_kind,
    {{ as_text('null') }} as location_id,
    currency_code,
    {{ to_minor('case when is_reduced then special_price_amount else price_amount end', 'exponent') }} as price_minor,
    case when is_reduced then {{ to_minor('price_amount', 'exponent') }} end as regular_price_minor,
    cast(null as boolean) as has_taxes_included,
    updated_at
from reduced
