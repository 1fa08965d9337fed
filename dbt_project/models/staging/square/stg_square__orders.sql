{{ entity_stream() }}

{%- set money = {'amount': 'minor', 'currency': 'text'} %}

with

landed as (
    {{ newest_per_key('square', 'orders') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'location_id': 'text', 'customer_id': 'text', 'state': 'text',
        'source': {'name': 'text'},
        'created_at': 'time!', 'updated_at': 'time', 'closed_at': 'time',
        'line_items': [{
            'uid': 'text!', 'name': 'text', 'quantity': 'amount', 'item_type': 'text', 'metadata': {'sku': 'text'},
            'catalog_object_id': 'text', 'total_money': money, 'total_tax_money': money,
            'total_discount_money': money,
        }],
        'taxes': [{'type': 'text'}],
        'service_charges': [{'total_money': money, 'total_tax_money': money}],
        'fulfillments': [{
            'uid': 'text', 'type': 'text', 'state': 'text',
            'pickup_details': {
                'pickup_at': 'text', 'ready_at': 'text', 'picked_up_at': 'text', 'canceled_at': 'text',
                'rejected_at': 'text', 'expired_at': 'text',
            },
            'shipment_details': {
                'expected_shipped_at': 'text', 'shipped_at': 'text', 'canceled_at': 'text', 'failed_at': 'text',
            },
            'delivery_details': {
                'deliver_at': 'text', 'ready_at': 'text', 'courier_pickup_at': 'text', 'delivered_at': 'text',
                'canceled_at': 'text', 'rejected_at': 'text',
            },
        }],
        'discounts': [{'name': 'text', 'pricing_rule_id': 'text', 'reward_ids': ['text']}],
        'returns': [{
            'source_order_id': 'text', 'return_line_items': [{'item_type': 'text', 'total_money': money}],
        }],
        'return_amounts': {
            'total_money': money, 'tax_money': money, 'tip_money': money, 'service_charge_money': money,
        },
        'total_money': {'amount': 'minor!', 'currency': 'text!'}, 'total_tax_money': money, 'total_discount_money': money,
        'total_tip_money': money, 'net_amount_due_money': money,
    }) }}
),

renamed as (
    select
        -- ids
        payload.id as square_order_id,
        payload.location_id as square_location_id,
        payload.customer_id as square_customer_id,
        -- A return is an order of its own, without line items.
        {{ first_element('payload.returns') }}.source_order_id as returned_order_id,
        {{ element_count('payload.returns') }} > 0 as has_returns,

        -- state
        payload.state as order_state,
        payload.source.name as source_name,
        -- Neither a rule of the catalogue, which everybody gets, nor a reward for loyalty points.
        case
            when
                {{ first_element('payload.discounts') }}.pricing_rule_id is null
                and {{ element_count(first_element('payload.discounts') ~ '.reward_ids') }} = 0
                then {{ first_element('payload.discounts') }}.name
        end as coupon_code,

        -- money
        payload.total_money.currency as currency_code,
        {{ minor('payload.total_money.amount') }} as total_minor,
        coalesce({{ minor('payload.total_tax_money.amount') }}, 0) as tax_minor,
        coalesce({{ minor('payload.total_discount_money.amount') }}, 0) as discount_minor,
        coalesce({{ minor('payload.total_tip_money.amount') }}, 0) as tip_minor,
        -- Without the tax on them, which is in the order's.
        cast(
            {{ sum_elements('payload.service_charges', 'part.total_money.amount') }}
            - {{ sum_elements('payload.service_charges', "coalesce(part.total_tax_money.amount, '0')") }} as bigint
        ) as service_charge_minor,
        cast({{ sum_elements('payload.service_charges', "coalesce(part.total_tax_money.amount, '0')") }} as bigint)
            as service_charge_tax_minor,
        coalesce({{ minor('payload.net_amount_due_money.amount') }}, 0) as due_minor,
        {{ sum_elements('payload.taxes', "case when part.type = 'INCLUSIVE' then 1 end") }} > 0 as has_taxes_included,
        coalesce({{ minor('payload.return_amounts.total_money.amount') }}, 0) as returned_minor,
        coalesce({{ minor('payload.return_amounts.tax_money.amount') }}, 0) as returned_tax_minor,
        coalesce({{ minor('payload.return_amounts.tip_money.amount') }}, 0) as returned_tip_minor,
        coalesce({{ minor('payload.return_amounts.service_charge_money.amount') }}, 0) as returned_service_minor,
        cast({{ sum_elements(
            first_element('payload.returns') ~ '.return_line_items',
            "case when part.item_type = 'GIFT_CARD' then part.total_money.amount end"
        ) }} as bigint) as returned_gift_card_minor,

        -- parts
        payload.line_items as line_items,
        payload.fulfillments as fulfillments,

        -- times
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as updated_at,
        {{ utc('payload.closed_at') }} as closed_at,

        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
