{{ config(materialized='view') }}

with

variations as (
    select * from {{ ref('stg_square__variations') }}
    where is_active
),

overridden as (
    select
        connection,
        square_variation_id,
        {{ explode('location_overrides') }} as held
    from variations
),

-- A price of its own, at one location; an override may be of the stock alone.
asked as (
    select
        connection,
        square_variation_id,
        {{ as_text('null') }} as square_location_id,
        currency_code,
        case when pricing_type = 'VARIABLE_PRICING' then null else price_minor end as price_minor
    from variations
    union all
    select
        connection,
        square_variation_id,
        held.location_id as square_location_id,
        held.price_money.currency as currency_code,
        case
            when held.pricing_type = 'VARIABLE_PRICING' then null
            else {{ minor('held.price_money.amount') }}
        end as price_minor
    from overridden
    where
        held.location_id is not null
        and (held.price_money.amount is not null or held.pricing_type = 'VARIABLE_PRICING')
)

select
    variations.connection,
    'square' as source_system,
    variations._load_id,
    concat_ws('|', variations.square_variation_id, asked.square_location_id) as price_id,
    variations.square_variation_id as product_id,
    coalesce(variations.sku, variations.square_variation_id) as product_code,
    'till' as sales_channel,
    case when asked.square_location_id is not null then 'till' end as location_kind,
    asked.square_location_id as location_id,
    asked.currency_code,
    asked.price_minor,
    cast(null as bigint) as regular_price_minor,
    cast(null as boolean) as has_taxes_included,
    variations.variation_updated_at as updated_at
from asked
inner join variations
    on
        asked.connection = variations.connection
        and asked.square_variation_id = variations.square_variation_id
