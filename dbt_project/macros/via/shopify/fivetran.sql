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

{% macro fivetran__shopify__orders(tables) -%}
    {%- set totals = ['subtotal_price', 'total_discounts', 'total_shipping_price', 'total_tax', 'total_price'] -%}
    {%- set columns = {
        'id': 'text', 'name': 'text', 'email': 'text', 'phone': 'text', 'test': 'text', 'source_name': 'text',
        'currency_code': 'text', 'presentment_currency_code': 'text', 'display_financial_status': 'text',
        'customer_id': 'text', 'created_at': 'time', 'updated_at': 'time', 'processed_at': 'time',
        'cancelled_at': 'time', 'shipping_address_first_name': 'text', 'shipping_address_last_name': 'text',
        'shipping_address_province_code': 'text', 'shipping_address_country_code': 'text',
    } -%}
    {%- do columns.update(fivetran_money_columns(totals)) -%}
    {%- set line_columns = {'id': 'text', 'order_id': 'text', 'sku': 'text', 'title': 'text', 'quantity': 'text'} -%}
    {%- do line_columns.update(fivetran_money_columns(['original_unit_price', 'total_discount'])) -%}
    {%- set refund_columns = {'id': 'text', 'order_id': 'text', 'created_at': 'time', 'note': 'text'} -%}
    {%- do refund_columns.update(fivetran_money_columns(['total_refunded'])) -%}
    with

    orders as {{ rows_of(tables, 'order', columns) }},

    line_rows as {{ rows_of(tables, 'order_line', line_columns) }},

    refund_rows as {{ rows_of(tables, 'refund', refund_columns, optional=true) }},

    fulfillment_rows as {{ rows_of(tables, 'fulfillment_order', {
        'id': 'text', 'order_id': 'text', 'status': 'text', 'fulfill_at': 'time', 'updated_at': 'time',
        'assigned_location_id': 'text', 'delivery_method_method_type': 'text', 'delivery_method_type': 'text',
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

    lines as (
        select order_id, {{ array_in_order(json_object({
            'id': "'gid://shopify/LineItem/' || line_rows.id", 'sku': 'sku', 'title': 'title', 'quantity': 'quantity',
            'originalUnitPriceSet': fivetran_money('line_rows', 'original_unit_price'),
            'totalDiscountSet': fivetran_money('line_rows', 'total_discount'),
        }), 'id') }} as nodes
        from line_rows
        group by order_id
    ),

    refunds as (
        select order_id, {{ array_in_order(json_object({
            'id': "'gid://shopify/Refund/' || refund_rows.id", 'createdAt': 'created_at', 'note': 'note',
            'totalRefundedSet': fivetran_money('refund_rows', 'total_refunded'),
        }), 'id') }} as nodes
        from refund_rows
        group by order_id
    ),

    fulfillments as (
        select order_id, {{ array_in_order(json_object({
            'id': "'gid://shopify/FulfillmentOrder/' || fulfillment_rows.id", 'status': 'status',
            'fulfillAt': 'fulfill_at', 'updatedAt': 'updated_at',
            'deliveryMethod': {'methodType': 'upper(coalesce(delivery_method_method_type, delivery_method_type))'},
            'assignedLocation': {'location': {'id': "'gid://shopify/Location/' || assigned_location_id"}},
        }), 'id') }} as nodes
        from fulfillment_rows
        group by order_id
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
        {{ json_text({
            'id': "'gid://shopify/Order/' || orders.id", 'name': 'orders.name',
            'createdAt': 'orders.created_at', 'updatedAt': 'orders.updated_at',
            'processedAt': 'orders.processed_at', 'cancelledAt': 'orders.cancelled_at',
            'test': 'orders.test', 'email': 'orders.email', 'phone': 'orders.phone',
            'currencyCode': 'orders.currency_code', 'presentmentCurrencyCode': 'orders.presentment_currency_code',
            'displayFinancialStatus': 'orders.display_financial_status', 'sourceName': 'orders.source_name',
            'customer': {'id': "'gid://shopify/Customer/' || orders.customer_id"},
            'shippingAddress': {
                'firstName': 'orders.shipping_address_first_name', 'lastName': 'orders.shipping_address_last_name',
                'provinceCode': 'orders.shipping_address_province_code',
                'countryCodeV2': 'orders.shipping_address_country_code',
            },
            'subtotalPriceSet': fivetran_money('orders', 'subtotal_price'),
            'totalDiscountsSet': fivetran_money('orders', 'total_discounts'),
            'totalShippingPriceSet': fivetran_money('orders', 'total_shipping_price'),
            'totalTaxSet': fivetran_money('orders', 'total_tax'),
            'totalPriceSet': fivetran_money('orders', 'total_price'),
            'discountCodes': 'codes.nodes',
            'customerJourneySummary': {'lastVisit': {'utmParameters': {
                'source': 'visits.utm_parameters_source', 'medium': 'visits.utm_parameters_medium',
                'campaign': 'visits.utm_parameters_campaign',
            }}},
            'customAttributes': 'attributes.nodes',
            'lineItems': {'nodes': 'lines.nodes'},
            'refunds': 'refunds.nodes',
            'fulfillmentOrders': {'nodes': 'fulfillments.nodes'},
        }) }} as _payload
    from orders
    left join lines on orders.id = lines.order_id
    left join refunds on orders.id = refunds.order_id
    left join fulfillments on orders.id = fulfillments.order_id
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
            },
            'defaultPhoneNumber': {'phoneNumber': 'customers.phone'},
            'defaultAddress': {
                'address1': 'addresses.address_1', 'city': 'addresses.city', 'zip': 'addresses.zip',
                'countryCodeV2': 'addresses.country_code',
            },
        }) }} as _payload
    from {{ rows_of(tables, 'customer', {
        'id': 'text', 'first_name': 'text', 'last_name': 'text', 'email': 'text', 'phone': 'text',
        'email_marketing_consent_state': 'text', 'created_at': 'time', 'updated_at': 'time',
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
