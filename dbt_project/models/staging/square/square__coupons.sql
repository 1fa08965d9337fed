{{ config(materialized='view') }}

select
    connection,
    'square' as source_system,
    _load_id,
    catalog_object_id as coupon_id,
    {{ as_text('null') }} as coupon_code,
    catalog_object_id as discount_id,
    discount_name,
    case
        when discount_type like '%PERCENTAGE' then 'percent'
        when discount_type like '%AMOUNT' then 'amount'
        else 'other'
    end as discount_kind,
    -- A variable one is entered at the till.
    case when discount_type = 'FIXED_PERCENTAGE' then discount_rate end as discount_rate,
    case when discount_type = 'FIXED_AMOUNT' then discount_minor end as discount_minor,
    case when discount_type = 'FIXED_AMOUNT' then discount_currency_code end as currency_code,
    cast(null as timestamp) as starts_at,
    cast(null as timestamp) as ends_at,
    cast(null as bigint) as usage_limit,
    cast(null as bigint) as used_count,
    not is_deleted as is_active,
    {{ as_text('null') }} as record_key,
    cast(null as timestamp) as issued_at
from {{ staged('stg_square__catalog') }}
where object_type = 'DISCOUNT'
