{{ config(materialized='view') }}

select
    items.connection,
    'clover' as source_system,
    items._load_id,
    items.clover_item_id as price_id,
    items.clover_item_id as product_id,
    coalesce(items.sku, items.clover_item_id) as product_code,
    'till' as sales_channel,
    'till' as location_kind,
    items.clover_merchant_id as location_id,
    merchants.currency_code,
    case when coalesce(items.price_type, 'FIXED') <> 'VARIABLE' then items.price_minor end as price_minor,
    cast(null as bigint) as regular_price_minor,
    merchants.has_taxes_included,
    items.updated_at
from {{ staged('stg_clover__items') }} as items
left join {{ staged('stg_clover__merchants') }} as merchants
    on items.connection = merchants.connection and items.clover_merchant_id = merchants.clover_merchant_id
where not items.is_deleted
