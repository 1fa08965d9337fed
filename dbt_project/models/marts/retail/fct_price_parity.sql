with

products as (
    select * from {{ ref('int_products__matched') }}
),

locations as (
    select * from {{ ref('int_stores__locations') }}
    where valid_before = date '9999-12-31'
),

newest_rates as (
    select * from {{ ref('int_currencies__rates') }}
    where valid_before is null
),

-- Listed twice at one place, a product costs the lower price.
asked as (
    select * from (
        select
            prices.connection,
            prices.sales_channel,
            prices.location_id,
            locations.store_id,
            products.product_code,
            products.matched_product_key,
            prices.currency_code,
            prices.price_minor,
            prices.regular_price_minor,
            prices.has_taxes_included,
            row_number() over (
                partition by
                    prices.connection, prices.sales_channel, prices.location_id, products.product_code,
                    prices.currency_code
                order by case when prices.price_minor is null then 1 else 0 end, prices.price_minor, prices.price_id
            ) as place
        from {{ ref('prices') }} as prices
        inner join products
            on prices.connection = products.connection and prices.product_id = products.source_product_id
        left join locations
            on
                prices.connection = locations.connection
                and prices.location_kind = locations.location_kind
                and prices.location_id = locations.location_id
        where prices.currency_code is not null and products.product_kind <> 'gift_card'
    ) as numbered
    where place = 1
),

web as (
    select * from asked
    where sales_channel = 'web'
),

till as (
    select * from asked
    where sales_channel = 'till'
),

-- Where each side asks for it at all, in whatever currency.
sides as (
    select
        product_code,
        max(case when sales_channel = 'web' then 1 else 0 end) = 1 as is_on_web,
        max(case when sales_channel = 'till' then 1 else 0 end) = 1 as is_at_tills
    from asked
    group by product_code
),

both_sides as (
    select
        coalesce(web.product_code, till.product_code) as product_code,
        coalesce(web.matched_product_key, till.matched_product_key) as product_id,
        coalesce(web.currency_code, till.currency_code) as currency_code,
        web.connection as web_connection,
        till.connection as till_connection,
        till.location_id as till_location_id,
        till.store_id,
        web.price_minor as web_price_minor,
        web.regular_price_minor as web_regular_price_minor,
        web.has_taxes_included as has_web_taxes_included,
        till.price_minor as till_price_minor,
        till.has_taxes_included as has_till_taxes_included,
        web.product_code is not null as is_web,
        till.product_code is not null as is_till
    from web
    full outer join till
        on web.product_code = till.product_code and web.currency_code = till.currency_code
),

judged as (
    select
        both_sides.*,
        case
            when both_sides.is_web and both_sides.is_till and both_sides.web_price_minor is null then 'open_price'
            when both_sides.is_web and both_sides.is_till and both_sides.till_price_minor is null then 'open_price'
            when
                both_sides.is_web and both_sides.is_till
                and both_sides.has_web_taxes_included <> both_sides.has_till_taxes_included
                then 'tax_differs'
            when both_sides.is_web and both_sides.is_till
                then case when both_sides.web_price_minor = both_sides.till_price_minor then 'same' else 'different' end
            when sides.is_on_web and sides.is_at_tills then 'other_currency'
            when both_sides.is_web then 'only_web'
            else 'only_till'
        end as parity_status
    from both_sides
    inner join sides
        on both_sides.product_code = sides.product_code
)

select
    {{ hash_key([
        'judged.product_code', 'judged.currency_code', 'judged.web_connection', 'judged.till_connection',
        'judged.till_location_id',
    ]) }} as price_parity_id,
    judged.product_id,
    judged.product_code,
    products.product_name,
    products.category,
    judged.web_connection,
    judged.till_connection,
    judged.till_location_id,
    judged.store_id,
    judged.currency_code,
    judged.web_price_minor,
    judged.web_regular_price_minor,
    judged.till_price_minor,
    judged.has_web_taxes_included,
    judged.has_till_taxes_included,
    judged.parity_status,
    case when judged.parity_status in ('same', 'different') then judged.parity_status = 'different' end as is_different,
    case when judged.parity_status in ('same', 'different') then judged.till_price_minor - judged.web_price_minor end
        as difference_minor,
    case
        when judged.parity_status in ('same', 'different') and judged.web_price_minor > 0
            then {{ exact_ratio('(judged.till_price_minor - judged.web_price_minor)', 'judged.web_price_minor', 6) }}
    end as difference_rate,
    case
        when judged.parity_status in ('same', 'different')
            then {{ reporting_amount(to_reporting_minor(
                '(judged.till_price_minor - judged.web_price_minor)', 'newest_rates.minor_rate'
            )) }}
    end as difference_amount
from judged
inner join products
    on judged.product_id = products.product_key
left join newest_rates
    on judged.currency_code = newest_rates.currency_code
