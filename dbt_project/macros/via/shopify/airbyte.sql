{#- Shopify as Airbyte keeps it: objects of the REST API, with what is nested in them as JSON. -#}

{% macro airbyte_money_shape() -%}
    {{- return({
        'shop_money': {'amount': 'text', 'currency_code': 'text'},
        'presentment_money': {'amount': 'text', 'currency_code': 'text'},
    }) -}}
{%- endmacro %}

{#- A MoneyBag of a parsed one. -#}
{% macro airbyte_money(bag) -%}
    {{- return({
        'shopMoney': {
            'amount': bag ~ '.shop_money.amount', 'currencyCode': bag ~ '.shop_money.currency_code',
        },
        'presentmentMoney': {
            'amount': bag ~ '.presentment_money.amount', 'currencyCode': bag ~ '.presentment_money.currency_code',
        },
    }) -}}
{%- endmacro %}

{#- A MoneyBag of an amount that is told in the shop's currency alone. In the buyer's, if that is another, it is
    reckoned at the rate of the order's total. -#}
{% macro airbyte_shop_money(amount) -%}
    {%- set total = 'orders.total_price_set' -%}
    {%- set reckoned = divide_rounded(
        to_minor(amount, '4'), to_minor(total ~ '.presentment_money.amount', '4'),
        to_minor(total ~ '.shop_money.amount', '4'),
    ) -%}
    {%- set presentment -%}
        case
            when orders.currency = orders.presentment_currency then {{ amount }}
            when cast({{ total }}.shop_money.amount as decimal(28, 8)) > 0 then {{ as_text(reckoned ~ ' * 0.0001') }}
        end
    {%- endset -%}
    {{- return({
        'shopMoney': {'amount': amount, 'currencyCode': 'orders.currency'},
        'presentmentMoney': {'amount': presentment, 'currencyCode': 'orders.presentment_currency'},
    }) -}}
{%- endmacro %}

{% macro airbyte__shopify__orders(tables) -%}
    {%- set money = airbyte_money_shape() -%}
    {%- set bags = {
        'subtotalPriceSet': 'subtotal_price_set', 'totalDiscountsSet': 'total_discounts_set',
        'totalShippingPriceSet': 'total_shipping_price_set', 'totalTaxSet': 'total_tax_set',
        'totalPriceSet': 'total_price_set', 'originalTotalDutiesSet': 'original_total_duties_set',
        'originalTotalAdditionalFeesSet': 'original_total_additional_fees_set',
        'currentTotalPriceSet': 'current_total_price_set', 'currentTotalTaxSet': 'current_total_tax_set',
    } -%}
    {#- Airbyte holds the duties for text and writes the object as Python does, in single quotes. -#}
    {%- set written = {'original_total_duties_set': "replace(original_total_duties_set, chr(39), chr(34))"} -%}
    {%- set shapes = {
        'customer': {'id': 'text'},
        'billing_address': {'first_name': 'text', 'last_name': 'text'},
        'shipping_address': {
            'first_name': 'text', 'last_name': 'text', 'province_code': 'text', 'country_code': 'text',
        },
        'discount_codes': [{'code': 'text'}],
        'note_attributes': [{'name': 'text', 'value': 'text'}],
        'line_items': [{
            'id': 'text', 'sku': 'text', 'title': 'text', 'quantity': 'text', 'current_quantity': 'text',
            'gift_card': 'text', 'price_set': money, 'total_discount_set': money,
            'discount_allocations': [{'amount_set': money}], 'tax_lines': [{'price_set': money}],
        }],
        'shipping_lines': [{'is_removed': 'text', 'price_set': money, 'discounted_price_set': money}],
        'refunds': [{
            'id': 'text', 'created_at': 'text', 'processed_at': 'text', 'note': 'text',
            'transactions': [{'amount': 'text', 'kind': 'text', 'status': 'text'}],
            'refund_line_items': [{
                'subtotal_set': money, 'total_tax_set': money, 'location_id': 'text',
                'line_item': {'gift_card': 'text'},
            }],
            'refund_shipping_lines': [{'subtotal_amount_set': money, 'tax_amount_set': money}],
            'order_adjustments': [{'amount_set': money, 'tax_amount_set': money}],
        }],
    } -%}
    {%- set columns = {
        'id': 'text', 'name': 'text', 'email': 'text', 'phone': 'text', 'test': 'text', 'source_name': 'text',
        'currency': 'text', 'presentment_currency': 'text', 'financial_status': 'text', 'taxes_included': 'text',
        'location_id': 'text', 'total_tip_received': 'number', 'total_outstanding': 'number', 'created_at': 'time',
        'updated_at': 'time', 'processed_at': 'time', 'cancelled_at': 'time', 'deleted_at': 'time',
    } -%}
    {%- for bag in bags.values() -%}
        {%- do shapes.update({bag: money}) -%}
    {%- endfor -%}
    {%- for name in shapes -%}
        {%- do columns.update({name: 'text'}) -%}
    {%- endfor -%}
    {%- set totals = {} -%}
    {%- for field, bag in bags.items() -%}
        {%- do totals.update({field: airbyte_money('orders.' ~ bag)}) -%}
    {%- endfor -%}
    {#- What was paid back is the sum of a refund's transactions, in the buyer's currency. In the shop's, if that is
        another, it is what the lines and the shipping were refunded with; a price with tax has the tax in it. -#}
    {%- set paid_back = sum_elements(
        'element.transactions', "case when part.kind = 'refund' and part.status = 'success' then part.amount end"
    ) -%}
    {%- set shop_refund -%}
        {{ sum_elements('element.refund_line_items', 'part.subtotal_set.shop_money.amount') }}
        + {{ sum_elements('element.refund_shipping_lines', 'part.subtotal_amount_set.shop_money.amount') }}
        + case
            when orders.taxes_included = 'true' then 0
            else
                {{ sum_elements('element.refund_line_items', 'part.total_tax_set.shop_money.amount') }}
                + {{ sum_elements('element.refund_shipping_lines', 'part.tax_amount_set.shop_money.amount') }}
        end
        - {{ sum_elements('element.order_adjustments', 'part.amount_set.shop_money.amount') }}
        - {{ sum_elements('element.order_adjustments', 'part.tax_amount_set.shop_money.amount') }}
    {%- endset -%}
    with

    order_rows as {{ rows_of(tables, 'orders', columns) }},

    orders as (
        select
            id,
            name,
            email,
            phone,
            test,
            source_name,
            currency,
            presentment_currency,
            financial_status,
            taxes_included,
            location_id,
            total_tip_received,
            total_outstanding,
            created_at,
            updated_at,
            processed_at,
            cancelled_at,
            {% for name, shape in shapes.items() -%}
                {{ json_record(written.get(name, name), shape) }} as {{ name }},
            {% endfor -%}
            deleted_at is not null as is_deleted,
            _synced
        from order_rows
    ),

    fulfillment_rows as (
        select *, {{ json_record('delivery_method', {
            'method_type': 'text', 'max_delivery_date_time': 'text',
        }) }} as delivery
        from {{ rows_of(tables, 'fulfillment_orders', {
            'id': 'text', 'order_id': 'text', 'status': 'text', 'fulfill_at': 'time', 'fulfill_by': 'time',
            'updated_at': 'time', 'assigned_location_id': 'text', 'delivery_method': 'text',
        }, optional=true) }} as parcels
    ),

    fulfillments as (
        select order_id, {{ array_in_order(json_object({
            'id': "'gid://shopify/FulfillmentOrder/' || fulfillment_rows.id", 'status': 'upper(status)',
            'fulfillAt': 'fulfill_at', 'fulfillBy': 'fulfill_by', 'updatedAt': 'updated_at',
            'deliveryMethod': {
                'methodType': 'upper(delivery.method_type)', 'maxDeliveryDateTime': 'delivery.max_delivery_date_time',
            },
            'assignedLocation': {'location': {'id': "'gid://shopify/Location/' || assigned_location_id"}},
        }), 'id') }} as nodes
        from fulfillment_rows
        group by order_id
    ),

    journeys as (
        select order_id, {{ json_record('customer_journey_summary', {
            'last_visit': {'utm_parameters': {'source': 'text', 'medium': 'text', 'campaign': 'text'}},
        }) }} as journey
        from {{ rows_of(tables, 'customer_journey_summary', {
            'order_id': 'text', 'customer_journey_summary': 'text',
        }, optional=true) }} as summaries
    )

    select
        'gid://shopify/Order/' || orders.id as _key,
        orders.updated_at as _cursor,
        orders._synced,
        {{ json_text(dict({
            'id': "'gid://shopify/Order/' || orders.id", 'name': 'orders.name',
            'createdAt': 'orders.created_at', 'updatedAt': 'orders.updated_at',
            'processedAt': 'orders.processed_at', 'cancelledAt': 'orders.cancelled_at',
            'deleted': as_text('orders.is_deleted'), 'test': 'orders.test', 'email': 'orders.email', 'phone': 'orders.phone',
            'currencyCode': 'orders.currency', 'presentmentCurrencyCode': 'orders.presentment_currency',
            'displayFinancialStatus': 'upper(orders.financial_status)', 'sourceName': 'orders.source_name',
            'taxesIncluded': 'orders.taxes_included',
            'customer': {'id': "'gid://shopify/Customer/' || orders.customer.id"},
            'retailLocation': {'id': "'gid://shopify/Location/' || orders.location_id"},
            'billingAddress': {
                'firstName': 'orders.billing_address.first_name', 'lastName': 'orders.billing_address.last_name',
            },
            'shippingAddress': {
                'firstName': 'orders.shipping_address.first_name', 'lastName': 'orders.shipping_address.last_name',
                'provinceCode': 'orders.shipping_address.province_code',
                'countryCodeV2': 'orders.shipping_address.country_code',
            },
            'totalTipReceivedSet': airbyte_shop_money('orders.total_tip_received'),
            'totalOutstandingSet': airbyte_shop_money('orders.total_outstanding'),
            'discountCodes': map_elements('orders.discount_codes', 'element.code'),
            'customerJourneySummary': {'lastVisit': {'utmParameters': {
                'source': 'journeys.journey.last_visit.utm_parameters.source',
                'medium': 'journeys.journey.last_visit.utm_parameters.medium',
                'campaign': 'journeys.journey.last_visit.utm_parameters.campaign',
            }}},
            'customAttributes': map_elements(
                'orders.note_attributes', json_object({'key': 'element.name', 'value': 'element.value'})
            ),
            'lineItems': {'nodes': map_elements('orders.line_items', json_object({
                'id': "'gid://shopify/LineItem/' || element.id", 'sku': 'element.sku', 'title': 'element.title',
                'quantity': 'element.quantity', 'currentQuantity': 'element.current_quantity',
                'isGiftCard': 'element.gift_card', 'originalUnitPriceSet': airbyte_money('element.price_set'),
                'totalDiscountSet': airbyte_money('element.total_discount_set'),
                'discountAllocations': map_elements('element.discount_allocations', json_object({
                    'allocatedAmountSet': airbyte_money('part.amount_set'),
                }), 'part'),
                'taxLines': map_elements('element.tax_lines', json_object({
                    'priceSet': airbyte_money('part.price_set'),
                }), 'part'),
            }))},
            'shippingLines': {'nodes': map_elements(
                filter_elements('orders.shipping_lines', "coalesce(element.is_removed, 'false') <> 'true'"),
                json_object({
                    'originalPriceSet': airbyte_money('element.price_set'),
                    'discountedPriceSet': airbyte_money('element.discounted_price_set'),
                })
            )},
            'refunds': map_elements('orders.refunds', json_object({
                'id': "'gid://shopify/Refund/' || element.id", 'createdAt': 'element.created_at',
                'processedAt': 'element.processed_at', 'note': 'element.note',
                'refundLineItems': {'nodes': map_elements('element.refund_line_items', json_object({
                    'subtotalSet': airbyte_money('part.subtotal_set'),
                    'totalTaxSet': airbyte_money('part.total_tax_set'),
                    'location': {'id': "'gid://shopify/Location/' || part.location_id"},
                    'lineItem': {'isGiftCard': 'part.line_item.gift_card'},
                }), 'part')},
                'refundShippingLines': {'nodes': map_elements('element.refund_shipping_lines', json_object({
                    'subtotalAmountSet': airbyte_money('part.subtotal_amount_set'),
                    'taxAmountSet': airbyte_money('part.tax_amount_set'),
                }), 'part')},
                'totalRefundedSet': {
                    'presentmentMoney': {'amount': as_text(paid_back), 'currencyCode': 'orders.presentment_currency'},
                    'shopMoney': {
                        'amount': as_text(
                            'case when orders.currency = orders.presentment_currency then ' ~ paid_back
                            ~ ' else ' ~ shop_refund ~ ' end'
                        ),
                        'currencyCode': 'orders.currency',
                    },
                },
            })),
            'fulfillmentOrders': {'nodes': 'fulfillments.nodes'},
        }, **totals)) }} as _payload
    from orders
    left join fulfillments on orders.id = fulfillments.order_id
    left join journeys on orders.id = journeys.order_id
{%- endmacro %}

{% macro airbyte__shopify__customers(tables) -%}
    with

    customer_rows as {{ rows_of(tables, 'customers', {
        'id': 'text', 'first_name': 'text', 'last_name': 'text', 'email': 'text', 'phone': 'text',
        'email_marketing_consent': 'text', 'sms_marketing_consent': 'text', 'accepts_marketing': 'text',
        'default_address': 'text',
        'created_at': 'time', 'updated_at': 'time', 'deleted_at': 'time',
    }) }},

    customers as (
        select
            *,
            {{ json_record('email_marketing_consent', {
                'state': 'text', 'opt_in_level': 'text', 'consent_updated_at': 'text',
            }) }} as consent,
            {{ json_record('sms_marketing_consent', {'state': 'text', 'opt_in_level': 'text'}) }} as sms_consent,
            {{ json_record('default_address', {
                'address1': 'text', 'city': 'text', 'zip': 'text', 'country_code': 'text',
            }) }} as address
        from customer_rows
        where deleted_at is null
    )

    select
        'gid://shopify/Customer/' || id as _key,
        updated_at as _cursor,
        _synced,
        {{ json_text({
            'id': "'gid://shopify/Customer/' || id", 'firstName': 'first_name', 'lastName': 'last_name',
            'createdAt': 'created_at', 'updatedAt': 'updated_at',
            'defaultEmailAddress': {
                'emailAddress': 'email',
                'marketingState': "coalesce(upper(consent.state), case accepts_marketing when 'true' then 'SUBSCRIBED'
                    when 'false' then 'NOT_SUBSCRIBED' end)",
                'marketingOptInLevel': 'upper(consent.opt_in_level)',
                'marketingUpdatedAt': 'consent.consent_updated_at',
            },
            'defaultPhoneNumber': {
                'phoneNumber': 'phone',
                'smsMarketingConsent': {
                    'state': 'upper(sms_consent.state)', 'optInLevel': 'upper(sms_consent.opt_in_level)',
                },
            },
            'defaultAddress': {
                'address1': 'address.address1', 'city': 'address.city', 'zip': 'address.zip',
                'countryCodeV2': 'address.country_code',
            },
        }) }} as _payload
    from customers
{%- endmacro %}

{% macro airbyte__shopify__locations(tables) -%}
    select
        'gid://shopify/Location/' || id as _key,
        updated_at as _cursor,
        _synced,
        {{ json_text({
            'id': "'gid://shopify/Location/' || id", 'name': 'name', 'isActive': 'active',
            'address': {
                'city': 'city', 'zip': 'zip', 'provinceCode': 'province_code', 'countryCode': 'country_code',
            },
        }) }} as _payload
    from {{ rows_of(tables, 'locations', {
        'id': 'text', 'name': 'text', 'active': 'text', 'city': 'text', 'zip': 'text', 'province_code': 'text',
        'country_code': 'text', 'updated_at': 'time', 'deleted_at': 'time',
    }) }} as locations
    where deleted_at is null
{%- endmacro %}
