{{ entity_stream() }}

{#- Of an order that was brought over from another system not more than the total need be told. #}
{%- set amounts = {
    'discount_amount': 'discount',
    'discount_tax_compensation_amount': 'compensation',
    'shipping_amount': 'shipping',
    'shipping_discount_amount': 'shipping_discount',
    'shipping_discount_tax_compensation_amount': 'shipping_compensation',
    'tax_amount': 'tax',
    'grand_total': 'total',
    'subtotal_canceled': 'cancelled_subtotal',
    'discount_canceled': 'cancelled_discount',
    'shipping_canceled': 'cancelled_shipping',
    'tax_canceled': 'cancelled_tax',
    'total_canceled': 'cancelled_total',
    'total_paid': 'paid',
    'total_due': 'due',
    'total_refunded': 'refunded',
    'base_grand_total': 'base_total',
    'base_total_canceled': 'base_cancelled_total',
} %}
{%- set means = {
    'gift_cards_amount': 'paid_by_gift_card',
    'customer_balance_amount': 'paid_by_balance',
    'reward_currency_amount': 'paid_by_points',
    'base_gift_cards_amount': 'base_paid_by_gift_card',
    'base_customer_balance_amount': 'base_paid_by_balance',
    'base_reward_currency_amount': 'base_paid_by_points',
} %}
{%- set address = {
    'firstname': 'text', 'lastname': 'text', 'country_id': 'text', 'region_code': 'text', 'telephone': 'text',
} %}
{%- set item = {
    'item_id': 'text!', 'parent_item_id': 'text', 'product_type': 'text', 'sku': 'text', 'name': 'text',
    'qty_ordered': 'amount', 'qty_canceled': 'amount', 'qty_refunded': 'amount', 'qty_shipped': 'amount',
    'row_total': 'amount', 'discount_amount': 'amount', 'discount_tax_compensation_amount': 'amount', 'tax_amount': 'amount',
    'base_row_total': 'amount', 'base_discount_amount': 'amount',
} %}
{%- set shape = {
    'entity_id': 'text!', 'increment_id': 'text', 'state': 'text', 'status': 'text', 'store_id': 'text',
    'created_at': 'time!', 'updated_at': 'time', 'deleted': 'text', 'is_virtual': 'text',
    'customer_id': 'text', 'customer_email': 'text', 'customer_firstname': 'text', 'customer_lastname': 'text',
    'order_currency_code': 'text', 'base_currency_code': 'text', 'store_currency_code': 'text', 'coupon_code': 'text',
    'relation_child_id': 'text', 'original_increment_id': 'text',
    'subtotal': 'amount', 'items': [item],
    'billing_address': address,
    'payment': {'method': 'text', 'cc_type': 'text', 'cc_last4': 'text'},
    'status_histories': [{'status': 'text', 'comment': 'text', 'created_at': 'time?'}],
} %}
{%- do shape.update({
    'extension_attributes': {
        'shipping_assignments': [{'shipping': {'method': 'text', 'address': address}}],
        'pickup_location_code': 'text', 'ga_client_id': 'text',
    },
}) %}
{%- for field in amounts %}
{%- do shape.update({field: 'amount!' if field == 'grand_total' else 'amount'}) %}
{%- endfor %}
{%- for field in means %}
{%- do shape['extension_attributes'].update({field: 'amount'}) %}
{%- endfor %}
{%- set shipping = first_element('payload.extension_attributes.shipping_assignments') ~ '.shipping' %}

with

landed as (
    {{ newest_per_key('adobe_commerce', 'orders') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

parsed as (
    {{ opened('landed', shape) }}
),

renamed as (
    select
        -- ids
        payload.entity_id as adobe_commerce_order_id,
        payload.increment_id as order_name,
        payload.original_increment_id as original_order_name,
        payload.relation_child_id as replaced_by_order_id,
        payload.customer_id as adobe_commerce_customer_id,
        payload.store_id as adobe_commerce_store_id,

        -- contact
        payload.customer_email as email,
        coalesce(payload.billing_address.telephone, {{ shipping }}.address.telephone) as phone,
        coalesce(payload.billing_address.firstname, payload.customer_firstname) as buyer_first_name,
        coalesce(payload.billing_address.lastname, payload.customer_lastname) as buyer_last_name,
        coalesce({{ shipping }}.address.country_id, payload.billing_address.country_id) as country_code,
        {{ magento_region(shipping ~ '.address.country_id', shipping ~ '.address.region_code') }} as region_code,
        payload.extension_attributes.ga_client_id as browser_id,

        -- state
        payload.state as order_state,
        payload.status as order_status,
        coalesce(payload.is_virtual in ('1', 'true'), false) as is_virtual,
        coalesce(payload.deleted = 'true', false) as is_deleted,
        coalesce({{ shipping }}.method, '') as shipping_method,
        payload.extension_attributes.pickup_location_code as pickup_location_code,
        payload.coupon_code as coupon_code,
        payload.payment.method as payment_method,
        coalesce(payload.payment.cc_type, payload.payment.cc_last4, '') <> '' as is_paid_by_card,

        -- money
        order_currencies.currency_code,
        {{ to_minor("nullif(payload.subtotal, '')", 'order_currencies.exponent') }} as subtotal_minor,
        {%- for field, name in amounts.items() if not field.startswith('base_') %}
        {{ minor_of('payload.' ~ field, 'order_currencies.exponent') }} as {{ name }}_minor,
        {%- endfor %}
        {%- for field, name in means.items() if not field.startswith('base_') %}
        {{ minor_of('payload.extension_attributes.' ~ field, 'order_currencies.exponent') }} as {{ name }}_minor,
        {%- endfor %}
        base_currencies.currency_code as base_currency_code,
        {%- for field, name in amounts.items() if field.startswith('base_') %}
        {{ minor_of('payload.' ~ field, 'base_currencies.exponent') }} as {{ name }}_minor,
        {%- endfor %}
        {%- for field, name in means.items() if field.startswith('base_') %}
        {{ minor_of('payload.extension_attributes.' ~ field, 'base_currencies.exponent') }} as {{ name }}_minor,
        {%- endfor %}

        -- parts
        payload.items as items,
        -- Shops say it in their own language; what some write as a status is told in all.
        {{ filter_elements(
            'payload.status_histories',
            "element.status = 'ready_for_pickup' or element.comment like 'Order notified for pickup at:%'"
        ) }} as pickup_notices,

        -- times
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as updated_at,
        -- No field tells when it was cancelled; most shops write it into the order's history.
        coalesce(
            {{ utc(first_element(filter_elements(
                'payload.status_histories', "element.status = 'canceled'"
            )) ~ '.created_at') }},
            {{ utc('payload.updated_at') }}
        ) as last_changed_at,

        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
    left join currencies as order_currencies
        on
            coalesce(
                parsed.payload.order_currency_code,
                parsed.payload.store_currency_code,
                parsed.payload.base_currency_code
            ) = order_currencies.currency_code
    left join currencies as base_currencies
        on parsed.payload.base_currency_code = base_currencies.currency_code
)

{{ staged_entities('renamed') }}
