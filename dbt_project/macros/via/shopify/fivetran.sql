{#- Shopify as Fivetran keeps it, in the tables that it fills from the GraphQL API. -#}

{#- The amount columns of MoneyBags, and a MoneyBag of them. -#}
{% macro fivetran_money_columns(names) -%}
    {%- set columns = {} -%}
    {%- for name in names -%}
        {%- for side in ('_set_pres_', '_set_shop_') -%}
            {%- do columns.update({name ~ side ~ 'amount': 'number', name ~ side ~ 'currency_code': 'text'}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(columns) -}}
{%- endmacro %}

{% macro fivetran_money(row, name) -%}
    {%- set column = row ~ '.' ~ name -%}
    {{- return({
        'shopMoney': {
            'amount': column ~ '_set_shop_amount', 'currencyCode': column ~ '_set_shop_currency_code',
        },
        'presentmentMoney': {
            'amount': column ~ '_set_pres_amount', 'currencyCode': column ~ '_set_pres_currency_code',
        },
    }) -}}
{%- endmacro %}

{#- A table that has another name in connections made since November 2025: of both, the one that is there. -#}
{% macro fivetran_renamed(tables, name, since, columns) -%}
    {%- set found = since if existing_columns(tables | replace('{table}', since)) else name -%}
    {{- rows_of(tables, found, columns, optional=true) -}}
{%- endmacro %}

{% macro fivetran__shopify__orders(tables) -%}
    {%- set totals = {
        'subtotalPriceSet': 'subtotal_price', 'totalDiscountsSet': 'total_discounts',
        'totalShippingPriceSet': 'total_shipping_price', 'totalTaxSet': 'total_tax', 'totalPriceSet': 'total_price',
        'totalTipReceivedSet': 'total_tip_received', 'totalOutstandingSet': 'total_outstanding',
        'originalTotalDutiesSet': 'original_total_duties',
        'originalTotalAdditionalFeesSet': 'original_total_additional_fees',
        'currentTotalPriceSet': 'current_total_price', 'currentTotalTaxSet': 'current_total_tax',
    } -%}
    {%- set money = {} -%}
    {%- for field, name in totals.items() -%}
        {%- do money.update({field: fivetran_money('orders', name)}) -%}
    {%- endfor -%}
    {%- set columns = {
        'id': 'text', 'name': 'text', 'email': 'text', 'phone': 'text', 'test': 'text', 'source_name': 'text',
        'currency_code': 'text', 'presentment_currency_code': 'text', 'display_financial_status': 'text',
        'customer_id': 'text', 'location_id': 'text', 'taxes_included': 'text', 'created_at': 'time',
        'updated_at': 'time', 'processed_at': 'time', 'cancelled_at': 'time', 'billing_address_first_name': 'text',
        'billing_address_last_name': 'text', 'shipping_address_first_name': 'text',
        'shipping_address_last_name': 'text', 'shipping_address_province_code': 'text',
        'shipping_address_country_code': 'text',
    } -%}
    {%- do columns.update(fivetran_money_columns(totals.values())) -%}
    {%- set line_columns = {
        'id': 'text', 'order_id': 'text', 'sku': 'text', 'title': 'text', 'quantity': 'text',
        'current_quantity': 'text', 'is_gift_card': 'text',
    } -%}
    {%- do line_columns.update(fivetran_money_columns(['original_unit_price', 'total_discount'])) -%}
    {%- set tax_columns = {'order_line_id': 'text', 'index': 'text'} -%}
    {%- do tax_columns.update(fivetran_money_columns(['price'])) -%}
    {%- set allocation_columns = {'order_line_id': 'text', 'index': 'text'} -%}
    {%- do allocation_columns.update(fivetran_money_columns(['allocated_amount'])) -%}
    {%- set shipping_columns = {'id': 'text', 'order_id': 'text', 'is_removed': 'text'} -%}
    {%- do shipping_columns.update(fivetran_money_columns(['original_price', 'discounted_price'])) -%}
    {%- set refund_columns = {'id': 'text', 'order_id': 'text', 'created_at': 'time', 'note': 'text'} -%}
    {%- do refund_columns.update(fivetran_money_columns(['total_refunded'])) -%}
    {%- set refund_line_columns = {
        'id': 'text', 'refund_id': 'text', 'order_line_id': 'text', 'location_id': 'text',
    } -%}
    {%- do refund_line_columns.update(fivetran_money_columns(['subtotal', 'total_tax'])) -%}
    {%- set refund_shipping_columns = {'id': 'text', 'refund_id': 'text'} -%}
    {%- do refund_shipping_columns.update(fivetran_money_columns(['subtotal_amount', 'tax_amount'])) -%}
    with

    orders as {{ rows_of(tables, 'order', columns, deleted=true) }},

    line_rows as {{ rows_of(tables, 'order_line', line_columns) }},

    tax_rows as {{ fivetran_renamed(tables, 'tax_line', 'order_line_tax_line', tax_columns) }},

    allocation_rows as {{ rows_of(tables, 'discount_allocation', allocation_columns, optional=true) }},

    shipping_rows as {{ rows_of(tables, 'order_shipping_line', shipping_columns, optional=true) }},

    refund_rows as {{ rows_of(tables, 'refund', refund_columns, optional=true) }},

    refund_line_rows as {{ fivetran_renamed(tables, 'order_line_refund', 'refund_line_item', refund_line_columns) }},

    refund_shipping_rows as {{ rows_of(tables, 'refund_shipping_line', refund_shipping_columns, optional=true) }},

    fulfillment_rows as {{ rows_of(tables, 'fulfillment_order', {
        'id': 'text', 'order_id': 'text', 'status': 'text', 'fulfill_at': 'time', 'fulfill_by': 'time',
        'updated_at': 'time', 'assigned_location_id': 'text', 'delivery_method_method_type': 'text',
        'delivery_method_type': 'text', 'delivery_method_max_delivery_date_time': 'time',
    }, optional=true) }},

    parcel_rows as {{ rows_of(tables, 'fulfillment', {
        'id': 'text', 'order_id': 'text', 'status': 'text', 'display_status': 'text', 'created_at': 'time',
        'delivered_at': 'time',
    }, optional=true) }},

    parcel_event_rows as {{ rows_of(tables, 'fulfillment_event', {
        'id': 'text', 'fulfillment_id': 'text', 'status': 'text', 'happened_at': 'time',
    }, optional=true) }},

    code_rows as {{ rows_of(tables, 'order_discount_code', {
        'order_id': 'text', 'index': 'text', 'code': 'text',
    }, optional=true) }},

    visit_rows as {{ rows_of(tables, 'customer_visit', {
        'id': 'text', 'order_id': 'text', 'occurred_at': 'time', 'utm_parameters_source': 'text',
        'utm_parameters_medium': 'text', 'utm_parameters_campaign': 'text',
    }, optional=true) }},

    -- Connections made since November 2025 have the second of them.
    attribute_rows as (
        select order_id, name, value
        from {{ rows_of(tables, 'order_note_attribute', {
            'order_id': 'text', 'name': 'text', 'value': 'text',
        }, optional=true) }} as notes
        union all
        select order_id, key as name, value
        from {{ rows_of(tables, 'order_custom_attribute', {
            'order_id': 'text', 'key': 'text', 'value': 'text',
        }, optional=true) }} as attributes
    ),

    -- A line without a row pays no tax, unless no line has any: then nobody selected the table.
    taxes as (
        select line_rows.id as order_line_id, {{ array_in_order(json_object({
            'priceSet': fivetran_money('tax_rows', 'price'),
        }), 'cast(tax_rows.index as bigint)') }} as nodes
        from line_rows
        left join tax_rows on line_rows.id = tax_rows.order_line_id
        where exists (select 1 from tax_rows)
        group by line_rows.id
    ),

    allocations as (
        select order_line_id, {{ array_in_order(json_object({
            'allocatedAmountSet': fivetran_money('allocation_rows', 'allocated_amount'),
        }), 'cast(index as bigint)') }} as nodes
        from allocation_rows
        group by order_line_id
    ),

    lines as (
        select line_rows.order_id, {{ array_in_order(json_object({
            'id': "'gid://shopify/LineItem/' || line_rows.id", 'sku': 'line_rows.sku', 'title': 'line_rows.title',
            'quantity': 'line_rows.quantity', 'currentQuantity': 'line_rows.current_quantity',
            'isGiftCard': 'line_rows.is_gift_card',
            'originalUnitPriceSet': fivetran_money('line_rows', 'original_unit_price'),
            'totalDiscountSet': fivetran_money('line_rows', 'total_discount'),
            'discountAllocations': 'allocations.nodes',
            'taxLines': 'taxes.nodes',
        }), 'line_rows.id') }} as nodes
        from line_rows
        left join allocations on line_rows.id = allocations.order_line_id
        left join taxes on line_rows.id = taxes.order_line_id
        group by line_rows.order_id
    ),

    shipping_lines as (
        select order_id, {{ array_in_order(json_object({
            'originalPriceSet': fivetran_money('shipping_rows', 'original_price'),
            'discountedPriceSet': fivetran_money('shipping_rows', 'discounted_price'),
        }), 'id') }} as nodes
        from shipping_rows
        where coalesce(is_removed, 'false') <> 'true'
        group by order_id
    ),

    refund_lines as (
        select refund_line_rows.refund_id, {{ array_in_order(json_object({
            'subtotalSet': fivetran_money('refund_line_rows', 'subtotal'),
            'totalTaxSet': fivetran_money('refund_line_rows', 'total_tax'),
            'location': {'id': "'gid://shopify/Location/' || refund_line_rows.location_id"},
            'lineItem': {'isGiftCard': 'line_rows.is_gift_card'},
        }), 'refund_line_rows.id') }} as nodes
        from refund_line_rows
        left join line_rows on refund_line_rows.order_line_id = line_rows.id
        group by refund_line_rows.refund_id
    ),

    refund_shipping_lines as (
        select refund_id, {{ array_in_order(json_object({
            'subtotalAmountSet': fivetran_money('refund_shipping_rows', 'subtotal_amount'),
            'taxAmountSet': fivetran_money('refund_shipping_rows', 'tax_amount'),
        }), 'id') }} as nodes
        from refund_shipping_rows
        group by refund_id
    ),

    refunds as (
        select refund_rows.order_id, {{ array_in_order(json_object({
            'id': "'gid://shopify/Refund/' || refund_rows.id", 'createdAt': 'refund_rows.created_at',
            'note': 'refund_rows.note', 'totalRefundedSet': fivetran_money('refund_rows', 'total_refunded'),
            'refundLineItems': {'nodes': 'refund_lines.nodes'},
            'refundShippingLines': {'nodes': 'refund_shipping_lines.nodes'},
        }), 'refund_rows.id') }} as nodes
        from refund_rows
        left join refund_lines on refund_rows.id = refund_lines.refund_id
        left join refund_shipping_lines on refund_rows.id = refund_shipping_lines.refund_id
        group by refund_rows.order_id
    ),

    fulfillments as (
        select order_id, {{ array_in_order(json_object({
            'id': "'gid://shopify/FulfillmentOrder/' || fulfillment_rows.id", 'status': 'status',
            'fulfillAt': 'fulfill_at', 'fulfillBy': 'fulfill_by', 'updatedAt': 'updated_at',
            'deliveryMethod': {
                'methodType': 'upper(coalesce(delivery_method_method_type, delivery_method_type))',
                'maxDeliveryDateTime': 'delivery_method_max_delivery_date_time',
            },
            'assignedLocation': {'location': {'id': "'gid://shopify/Location/' || assigned_location_id"}},
        }), 'id') }} as nodes
        from fulfillment_rows
        group by order_id
    ),

    parcel_events as (
        select fulfillment_id, {{ array_in_order(json_object({
            'status': 'status', 'happenedAt': 'happened_at',
        }), 'id') }} as nodes
        from parcel_event_rows
        group by fulfillment_id
    ),

    -- Which part of the order a parcel is of, no table says.
    parcels as (
        select parcel_rows.order_id, {{ array_in_order(json_object({
            'id': "'gid://shopify/Fulfillment/' || parcel_rows.id", 'status': 'parcel_rows.status',
            'displayStatus': 'parcel_rows.display_status', 'createdAt': 'parcel_rows.created_at',
            'deliveredAt': 'parcel_rows.delivered_at', 'events': {'nodes': 'parcel_events.nodes'},
        }), 'parcel_rows.id') }} as nodes
        from parcel_rows
        left join parcel_events on parcel_rows.id = parcel_events.fulfillment_id
        group by parcel_rows.order_id
    ),

    codes as (
        select order_id, {{ array_in_order('code', 'cast(index as bigint)') }} as nodes
        from code_rows
        group by order_id
    ),

    attributes as (
        select order_id, {{ array_in_order(json_object({'key': 'name', 'value': 'value'}), 'name') }} as nodes
        from attribute_rows
        group by order_id
    ),

    -- An order has its first visit, and its last.
    visits as (
        select *, row_number() over (partition by order_id order by occurred_at desc, id desc) as recency
        from visit_rows
    )

    select
        'gid://shopify/Order/' || orders.id as _key,
        orders.updated_at as _cursor,
        orders._synced,
        {{ json_text(dict({
            'id': "'gid://shopify/Order/' || orders.id", 'name': 'orders.name',
            'createdAt': 'orders.created_at', 'updatedAt': 'orders.updated_at',
            'processedAt': 'orders.processed_at', 'cancelledAt': 'orders.cancelled_at',
            'deleted': as_text('orders._deleted'), 'test': 'orders.test', 'email': 'orders.email', 'phone': 'orders.phone',
            'currencyCode': 'orders.currency_code', 'presentmentCurrencyCode': 'orders.presentment_currency_code',
            'displayFinancialStatus': 'orders.display_financial_status', 'sourceName': 'orders.source_name',
            'taxesIncluded': 'orders.taxes_included',
            'customer': {'id': "'gid://shopify/Customer/' || orders.customer_id"},
            'retailLocation': {'id': "'gid://shopify/Location/' || orders.location_id"},
            'billingAddress': {
                'firstName': 'orders.billing_address_first_name', 'lastName': 'orders.billing_address_last_name',
            },
            'shippingAddress': {
                'firstName': 'orders.shipping_address_first_name', 'lastName': 'orders.shipping_address_last_name',
                'provinceCode': 'orders.shipping_address_province_code',
                'countryCodeV2': 'orders.shipping_address_country_code',
            },
            'discountCodes': 'codes.nodes',
            'customerJourneySummary': {'lastVisit': {'utmParameters': {
                'source': 'visits.utm_parameters_source', 'medium': 'visits.utm_parameters_medium',
                'campaign': 'visits.utm_parameters_campaign',
            }}},
            'customAttributes': 'attributes.nodes',
            'lineItems': {'nodes': 'lines.nodes'},
            'shippingLines': {'nodes': 'shipping_lines.nodes'},
            'refunds': 'refunds.nodes',
            'fulfillmentOrders': {'nodes': 'fulfillments.nodes'},
            'fulfillments': 'parcels.nodes',
        }, **money)) }} as _payload
    from orders
    left join lines on orders.id = lines.order_id
    left join shipping_lines on orders.id = shipping_lines.order_id
    left join refunds on orders.id = refunds.order_id
    left join fulfillments on orders.id = fulfillments.order_id
    left join parcels on orders.id = parcels.order_id
    left join codes on orders.id = codes.order_id
    left join attributes on orders.id = attributes.order_id
    left join visits on orders.id = visits.order_id and visits.recency = 1
{%- endmacro %}

{% macro fivetran__shopify__customers(tables) -%}
    select
        'gid://shopify/Customer/' || customers.id as _key,
        customers.updated_at as _cursor,
        customers._synced,
        {{ json_text({
            'id': "'gid://shopify/Customer/' || customers.id",
            'firstName': 'customers.first_name', 'lastName': 'customers.last_name',
            'createdAt': 'customers.created_at', 'updatedAt': 'customers.updated_at',
            'defaultEmailAddress': {
                'emailAddress': 'customers.email', 'marketingState': 'upper(customers.email_marketing_consent_state)',
                'marketingOptInLevel': 'upper(customers.email_marketing_consent_opt_in_level)',
                'marketingUpdatedAt': 'customers.email_marketing_consent_consent_updated_at',
            },
            'defaultPhoneNumber': {
                'phoneNumber': 'customers.phone',
                'smsMarketingConsent': {
                    'state': 'upper(customers.sms_marketing_consent_state)',
                    'optInLevel': 'upper(customers.sms_marketing_consent_opt_in_level)',
                },
            },
            'defaultAddress': {
                'address1': 'addresses.address_1', 'city': 'addresses.city', 'zip': 'addresses.zip',
                'countryCodeV2': 'addresses.country_code',
            },
        }) }} as _payload
    from {{ rows_of(tables, 'customer', {
        'id': 'text', 'first_name': 'text', 'last_name': 'text', 'email': 'text', 'phone': 'text',
        'email_marketing_consent_state': 'text', 'email_marketing_consent_opt_in_level': 'text',
        'email_marketing_consent_consent_updated_at': 'time', 'sms_marketing_consent_state': 'text',
        'sms_marketing_consent_opt_in_level': 'text', 'created_at': 'time', 'updated_at': 'time',
    }) }} as customers
    left join {{ rows_of(tables, 'customer_address', {
        'customer_id': 'text', 'is_default': 'text', 'address_1': 'text', 'city': 'text', 'zip': 'text',
        'country_code': 'text',
    }, optional=true) }} as addresses
        on customers.id = addresses.customer_id and addresses.is_default = 'true'
{%- endmacro %}

{% macro fivetran__shopify__locations(tables) -%}
    select
        'gid://shopify/Location/' || id as _key,
        updated_at as _cursor,
        _synced,
        {{ json_text({
            'id': "'gid://shopify/Location/' || id", 'name': 'name', 'isActive': 'is_active',
            'address': {
                'city': 'city', 'zip': 'zip', 'provinceCode': 'province_code', 'countryCode': 'country_code',
            },
        }) }} as _payload
    from {{ rows_of(tables, 'location', {
        'id': 'text', 'name': 'text', 'is_active': 'text', 'city': 'text', 'zip': 'text', 'province_code': 'text',
        'country_code': 'text', 'updated_at': 'time',
    }) }} as locations
{%- endmacro %}
