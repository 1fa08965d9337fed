{{ entity_stream() }}

{%- set money = {
    'shopMoney': {'amount': 'amount', 'currencyCode': 'text'},
    'presentmentMoney': {'amount': 'amount', 'currencyCode': 'text'},
} %}
{%- set price = {
    'shopMoney': {'amount': 'amount', 'currencyCode': 'text'},
    'presentmentMoney': {'amount': 'amount!', 'currencyCode': 'text'},
} %}
{%- set line = {
    'id': 'text!', 'sku': 'text', 'title': 'text', 'quantity': 'count', 'currentQuantity': 'count',
    'isGiftCard': 'text', 'originalUnitPriceSet': money, 'totalDiscountSet': money,
    'discountAllocations': [{'allocatedAmountSet': money}], 'taxLines': [{'priceSet': money}],
} %}
{%- set shipping_line = {'originalPriceSet': money, 'discountedPriceSet': money} %}
{%- set refund = {
    'id': 'text!', 'createdAt': 'time', 'processedAt': 'time', 'note': 'text', 'totalRefundedSet': money,
    'refundLineItems': {
        'nodes': [{
            'subtotalSet': money, 'totalTaxSet': money, 'location': {'id': 'text'},
            'lineItem': {'isGiftCard': 'text'},
        }],
        'pageInfo': {'hasNextPage': 'text'},
    },
    'refundShippingLines': {'nodes': [{'subtotalAmountSet': money, 'taxAmountSet': money}]},
} %}
{%- set move = {
    'id': 'text!', 'kind': 'text', 'status': 'text', 'gateway': 'text', 'test': 'text', 'createdAt': 'time',
    'processedAt': 'time', 'amountSet': money, 'parentTransaction': {'id': 'text'}, 'location': {'id': 'text'},
    'paymentDetails': {'__typename': 'text'},
} %}
{%- set fulfillment = {
    'id': 'text', 'status': 'text', 'fulfillAt': 'text', 'fulfillBy': 'text', 'updatedAt': 'text',
    'deliveryMethod': {'methodType': 'text', 'maxDeliveryDateTime': 'text'},
    'assignedLocation': {'location': {'id': 'text'}},
} %}
{%- set parcel = {
    'id': 'text', 'status': 'text', 'displayStatus': 'text', 'createdAt': 'text', 'deliveredAt': 'text',
    'fulfillmentOrders': {'nodes': [{'id': 'text'}]},
    'events': {'nodes': [{'status': 'text', 'happenedAt': 'text'}]},
} %}

with

landed as (
    {{ newest_per_key('shopify', 'orders') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'name': 'text', 'createdAt': 'time!', 'updatedAt': 'time',
        'processedAt': 'time', 'cancelledAt': 'time', 'deleted': 'text', 'test': 'text', 'email': 'text', 'phone': 'text',
        'currencyCode': 'text', 'presentmentCurrencyCode': 'text!',
        'displayFinancialStatus': 'text', 'sourceName': 'text',
        'customer': {'id': 'text'},
        'billingAddress': {'firstName': 'text', 'lastName': 'text'},
        'shippingAddress': {
            'firstName': 'text', 'lastName': 'text', 'provinceCode': 'text', 'countryCodeV2': 'text',
        },
        'subtotalPriceSet': price, 'totalDiscountsSet': price, 'totalShippingPriceSet': price,
        'totalTaxSet': price, 'totalPriceSet': price, 'taxesIncluded': 'text',
        'totalTipReceivedSet': money, 'totalOutstandingSet': money,
        'originalTotalDutiesSet': money, 'originalTotalAdditionalFeesSet': money,
        'currentTotalPriceSet': money, 'currentTotalTaxSet': money,
        'shippingLines': {'nodes': [shipping_line]},
        'retailLocation': {'id': 'text'},
        'discountCodes': ['text'],
        'customerJourneySummary': {
            'lastVisit': {'utmParameters': {'source': 'text', 'medium': 'text', 'campaign': 'text'}},
        },
        'customAttributes': [{'key': 'text', 'value': 'text'}],
        'lineItems': {'nodes': [line]}, 'moreLineItems': [line],
        'transactions': [move], 'refunds': [refund],
        'fulfillmentOrders': {'nodes': [fulfillment]}, 'moreFulfillmentOrders': [fulfillment],
        'fulfillments': [parcel],
    }) }}
),

renamed as (
    select
        -- ids
        {{ gid_number('payload.id') }} as shopify_order_id,
        payload.name as order_name,
        {{ gid_number('payload.customer.id') }} as shopify_customer_id,

        -- contact
        payload.email as email,
        payload.phone as phone,
        payload.billingAddress.firstName as buyer_first_name,
        payload.billingAddress.lastName as buyer_last_name,
        -- Whoever gets the parcel: on a gift it is not the buyer.
        payload.shippingAddress.firstName as recipient_first_name,
        payload.shippingAddress.lastName as recipient_last_name,
        payload.shippingAddress.countryCodeV2 as country_code,
        {{ region_code('payload.shippingAddress.countryCodeV2', 'payload.shippingAddress.provinceCode') }}
            as region_code,
        {{ value_of_key('payload.customAttributes', 'ga_client_id') }} as browser_id,

        -- traffic
        payload.customerJourneySummary.lastVisit.utmParameters.source as utm_source,
        payload.customerJourneySummary.lastVisit.utmParameters.medium as utm_medium,
        payload.customerJourneySummary.lastVisit.utmParameters.campaign as utm_campaign,

        -- state
        payload.displayFinancialStatus as financial_status,
        payload.sourceName as source_name,
        -- Who reads the interface is not told; loaders that compare with what they had are.
        coalesce(payload.deleted = 'true', false) as is_deleted,
        {{ gid_number('payload.retailLocation.id') }} as retail_location_id,
        {{ first_element('payload.discountCodes') }} as discount_code,
        -- Loaders tell no codes as an empty list, or not at all.
        case when {{ first_element('payload.discountCodes') }} is not null then payload.discountCodes end
            as discount_codes,

        -- money
        presentment_currencies.currency_code,
        coalesce(payload.taxesIncluded = 'true', false) as has_taxes_included,
        {{ to_minor('payload.subtotalPriceSet.presentmentMoney.amount', 'presentment_currencies.exponent') }}
            as discounted_subtotal_minor,
        {{ to_minor('payload.totalDiscountsSet.presentmentMoney.amount', 'presentment_currencies.exponent') }}
            as discount_minor,
        {{ to_minor('payload.totalShippingPriceSet.presentmentMoney.amount', 'presentment_currencies.exponent') }}
            as listed_shipping_minor,
        {{ to_minor(
            sum_elements('payload.shippingLines.nodes', 'part.discountedPriceSet.presentmentMoney.amount'),
            'presentment_currencies.exponent',
        ) }} as shipping_minor,
        {{ to_minor(
            sum_elements('payload.shippingLines.nodes', 'part.originalPriceSet.presentmentMoney.amount'),
            'presentment_currencies.exponent',
        ) }} as undiscounted_shipping_minor,
        {{ element_count('payload.shippingLines.nodes') }} as shipping_line_count,
        {{ to_minor('payload.totalTaxSet.presentmentMoney.amount', 'presentment_currencies.exponent') }}
            as tax_minor,
        {{ to_minor('payload.totalPriceSet.presentmentMoney.amount', 'presentment_currencies.exponent') }}
            as total_minor,
        {{ to_minor('coalesce(payload.totalTipReceivedSet.presentmentMoney.amount, \'0\')',
            'presentment_currencies.exponent') }} as tip_minor,
        {{ to_minor(
            amount('coalesce(payload.originalTotalDutiesSet.presentmentMoney.amount, \'0\')')
            ~ ' + ' ~ amount('coalesce(payload.originalTotalAdditionalFeesSet.presentmentMoney.amount, \'0\')'),
            'presentment_currencies.exponent',
        ) }} as fee_minor,
        {{ to_minor('coalesce(payload.totalOutstandingSet.presentmentMoney.amount, \'0\')',
            'presentment_currencies.exponent') }} as outstanding_minor,
        -- After edits, returns and refunds; null in what landed before we asked for it.
        {{ to_minor('payload.currentTotalPriceSet.presentmentMoney.amount', 'presentment_currencies.exponent') }}
            as current_total_minor,
        {{ to_minor('payload.currentTotalTaxSet.presentmentMoney.amount', 'presentment_currencies.exponent') }}
            as current_tax_minor,
        shop_currencies.currency_code as shop_currency_code,
        {{ to_minor('payload.totalPriceSet.shopMoney.amount', 'shop_currencies.exponent') }}
            as shop_total_minor,
        {{ to_minor('payload.currentTotalPriceSet.shopMoney.amount', 'shop_currencies.exponent') }}
            as shop_current_total_minor,

        -- parts; what did not fit into the order itself was landed beside it
        {{ concat_arrays('payload.lineItems.nodes', 'payload.moreLineItems') }} as line_items,
        payload.transactions as transactions,
        payload.refunds as refunds,
        {{ concat_arrays('payload.fulfillmentOrders.nodes', 'payload.moreFulfillmentOrders') }}
            as fulfillment_orders,
        payload.fulfillments as fulfillments,

        -- times
        {{ utc('payload.createdAt') }} as created_at,
        {{ utc('payload.updatedAt') }} as updated_at,
        {{ utc('payload.processedAt') }} as processed_at,
        {{ utc('payload.cancelledAt') }} as cancelled_at,

        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
    left join currencies as presentment_currencies
        on parsed.payload.presentmentCurrencyCode = presentment_currencies.currency_code
    left join currencies as shop_currencies
        on parsed.payload.currencyCode = shop_currencies.currency_code
    -- An order that tries out the shop is no sale.
    where coalesce(parsed.payload.test, 'false') <> 'true'
)

{{ staged_entities('renamed') }}
