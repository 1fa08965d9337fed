{{ config(materialized='view') }}

with

memos as (
    select
        *,
        -- What had been paid with a gift card or store credit went back there.
        total_minor + gift_card_minor + balance_minor as refunded_minor,
        base_total_minor + base_gift_card_minor + base_balance_minor as base_refunded_minor
    from {{ staged('stg_adobe_commerce__creditmemos') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

items as (
    select
        connection,
        adobe_commerce_creditmemo_id,
        adobe_commerce_order_id,
        currency_code,
        {{ explode('items') }} as item
    from memos
),

gift_cards as (
    select
        items.connection,
        items.adobe_commerce_creditmemo_id,
        sum({{ to_minor(
            amount("coalesce(nullif(items.item.row_total, ''), '0')") ~ ' - '
            ~ amount("coalesce(nullif(items.item.discount_amount, ''), '0')"),
            'currencies.exponent',
        ) }}) as sold_minor
    from items
    inner join {{ ref('stg_adobe_commerce__order_lines') }} as lines
        on
            items.connection = lines.connection
            and items.adobe_commerce_order_id = lines.adobe_commerce_order_id
            and items.item.order_item_id = lines.adobe_commerce_order_line_id
    left join currencies
        on items.currency_code = currencies.currency_code
    where lines.product_type = 'giftcard'
    group by items.connection, items.adobe_commerce_creditmemo_id
),

parts as (
    select
        memos.*,
        cast(least(memos.tax_minor, memos.refunded_minor) as bigint) as tax_part_minor,
        cast(least(memos.shipping_minor, memos.refunded_minor - least(memos.tax_minor, memos.refunded_minor)) as bigint)
            as shipping_part_minor,
        coalesce(gift_cards.sold_minor, 0) as sold_gift_card_minor
    from memos
    left join gift_cards
        on
            memos.connection = gift_cards.connection
            and memos.adobe_commerce_creditmemo_id = gift_cards.adobe_commerce_creditmemo_id
),

netted as (
    select
        *,
        cast(least(sold_gift_card_minor, refunded_minor - tax_part_minor - shipping_part_minor) as bigint)
            as gift_card_part_minor
    from parts
)

select
    connection,
    'adobe_commerce' as source_system,
    _load_id,
    adobe_commerce_creditmemo_id as refund_id,
    adobe_commerce_order_id as source_order_id,
    {{ as_text('null') }} as location_kind,
    {{ as_text('null') }} as location_id,
    created_at as refunded_at,
    currency_code,
    cast(refunded_minor as bigint) as refunded_minor,
    -- An adjustment, for or against the customer, is of the goods.
    cast(refunded_minor - tax_part_minor - shipping_part_minor - gift_card_part_minor as bigint) as goods_minor,
    shipping_part_minor as shipping_minor,
    tax_part_minor as tax_minor,
    cast(0 as bigint) as tip_minor,
    cast(0 as bigint) as service_minor,
    gift_card_part_minor as gift_card_minor,
    base_currency_code as book_currency_code,
    cast(base_refunded_minor as bigint) as book_refunded_minor,
    case creditmemo_state
        when '2' then 'refunded'
        when '3' then 'failed'
        else 'pending'
    end as refund_status
from netted
