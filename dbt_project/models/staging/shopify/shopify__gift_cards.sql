{{ config(materialized='view') }}

select
    connection,
    'shopify' as source_system,
    _load_id,
    shopify_gift_card_id as gift_card_id,
    last_characters,
    shopify_order_id as source_order_id,
    case
        when not is_enabled then 'disabled'
        when balance_minor = 0 then 'used'
        -- As it was when it was last read.
        when expires_on < cast(_extracted_at as date) then 'expired'
        else 'active'
    end as gift_card_status,
    currency_code,
    initial_minor,
    balance_minor,
    created_at as issued_at,
    expires_on,
    updated_at
from {{ staged('stg_shopify__gift_cards') }}
