with

coupons as (
    select
        *,
        concat(connection, ':', coupon_id) as coupon_key,
        -- At a till a discount without a code is told by its name.
        {{ same_code('coalesce(coupon_code, discount_name)') }} as compared_code
    from {{ ref('coupons') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

orders as (
    select * from {{ ref('int_orders__all') }}
    where is_sale
),

order_coupons as (
    select * from {{ ref('order_coupons') }}
),

-- A code is one however it is spelled, and however often an order names it.
order_codes as (
    select
        order_id,
        {{ same_code('coupon_code') }} as compared_code,
        min(coupon_code) as coupon_code,
        min(place) as place
    from (
        select
            order_id,
            coupon_code,
            1 as place
        from orders
        union all
        select
            orders.order_id,
            order_coupons.coupon_code,
            2 as place
        from order_coupons
        inner join orders
            on
                order_coupons.connection = orders.connection
                and order_coupons.source_order_id = orders.source_order_id
    ) as named
    where {{ same_code('coupon_code') }} is not null
    group by order_id, {{ same_code('coupon_code') }}
),

counted as (
    select
        *,
        row_number() over (partition by order_id order by place asc, compared_code asc) as code_number,
        count(*) over (partition by order_id) as code_count
    from order_codes
),

-- Nobody tells what each code of an order took off: they share its amounts equally, and not a cent is lost. Each has
-- what the codes up to it have, less what those before it have.
shared as (
    select
        orders.order_id,
        orders.connection,
        orders.source_system,
        orders.customer_id,
        orders.ordered_at,
        {% for column in ['discount_reporting_minor', 'net_reporting_minor', 'net_sales_reporting_minor'] -%}
        cast(
            {{ divide_rounded('orders.' ~ column, 'counted.code_number', 'counted.code_count') }}
            - {{ divide_rounded('orders.' ~ column, '(counted.code_number - 1)', 'counted.code_count') }} as bigint
        ) as {{ column }},
        {% endfor -%}
        counted.coupon_code,
        counted.compared_code
    from counted
    inner join orders
        on counted.order_id = orders.order_id
),

app_events as (
    select * from {{ ref('app_events') }}
    where coalesce(has_analytics_consent, true)
),

store_events as (
    select * from {{ ref('store_events') }}
),

results as (
    select * from {{ ref('stg_o2o__experiment_results') }}
),

-- Where a code was issued anew, an order used the one that was issued last before it.
used as (
    select * from (
        select
            shared.*,
            coupons.coupon_key,
            row_number() over (
                partition by shared.order_id, shared.compared_code
                order by
                    case when coalesce(coupons.issued_at, coupons.starts_at) > shared.ordered_at then 1 else 0 end,
                    coalesce(coupons.issued_at, coupons.starts_at) desc nulls last,
                    coupons.coupon_key
            ) as choice
        from shared
        left join coupons
            on shared.connection = coupons.connection and shared.compared_code = coupons.compared_code
    ) as numbered
    where choice = 1
),

redeemed as (
    select
        connection,
        coalesce(coupon_key, concat(connection, ':code:', compared_code)) as coupon_key,
        coupon_key is not null as is_listed,
        min(source_system) as source_system,
        min(coupon_code) as coupon_code,
        count(*) as redeemed_order_count,
        count(distinct customer_id) as redeemed_customer_count,
        min(ordered_at) as first_redeemed_at,
        max(ordered_at) as last_redeemed_at,
        sum(discount_reporting_minor) as discount_reporting_minor,
        sum(net_reporting_minor) as net_reporting_minor,
        sum(net_sales_reporting_minor) as net_sales_reporting_minor
    from used
    group by connection, coalesce(coupon_key, concat(connection, ':code:', compared_code)), coupon_key is not null
),

-- On a screen, in the app or in a shop.
shown as (
    select
        {{ same_code('subject') }} as compared_code,
        coalesce(record_key, concat(connection, ':', event_id)) as seen_by,
        occurred_at as seen_at
    from app_events
    where event_kind = 'offer_shown' and subject is not null
    union all
    select
        {{ same_code('subject') }} as compared_code,
        coalesce(record_key, concat(connection, ':', event_id)) as seen_by,
        started_at as seen_at
    from store_events
    where event_kind = 'offer_shown' and subject is not null
),

seen as (
    select
        compared_code,
        count(*) as shown_count,
        count(distinct seen_by) as seen_count,
        min(seen_at) as first_seen_at
    from shown
    group by compared_code
),

-- Of an experiment whose campaign is the code. Method joint sees all experiments of a channel together.
tested as (
    select
        {{ same_code('campaign_id') }} as compared_code,
        sum(case when metric in ('web_orders', 'till_orders') then effect end) as order_effect,
        sum(case when metric in ('web_revenue', 'till_revenue') then effect end) as revenue_effect
    from results
    where campaign_id is not null and method = 'did'
    group by {{ same_code('campaign_id') }}
),

listed as (
    select
        coupons.coupon_key,
        coupons.connection,
        coupons.source_system,
        coupons.coupon_code,
        coupons.compared_code,
        coupons.discount_id,
        coupons.discount_name,
        coupons.discount_kind,
        coupons.discount_rate,
        coupons.discount_minor,
        coupons.currency_code,
        coupons.starts_at,
        coupons.ends_at,
        coupons.usage_limit,
        coupons.used_count,
        coupons.is_active,
        coupons.issued_at,
        coupons.record_key,
        persons.customer_id
    from coupons
    left join persons
        on coupons.record_key = persons.record_key
),

joined as (
    select
        coalesce(listed.coupon_key, redeemed.coupon_key) as coupon_id,
        coalesce(listed.connection, redeemed.connection) as connection,
        coalesce(listed.source_system, redeemed.source_system) as source_system,
        coalesce(listed.coupon_code, redeemed.coupon_code) as coupon_code,
        coalesce(listed.compared_code, {{ same_code('redeemed.coupon_code') }}) as compared_code,
        listed.coupon_key is not null as is_listed,
        {% for column in [
            'discount_id', 'discount_name', 'discount_kind', 'discount_rate', 'discount_minor', 'currency_code',
            'starts_at', 'ends_at', 'usage_limit', 'used_count', 'is_active', 'issued_at', 'record_key', 'customer_id',
        ] -%}
        listed.{{ column }},
        {% endfor -%}
        redeemed.redeemed_order_count,
        redeemed.redeemed_customer_count,
        redeemed.first_redeemed_at,
        redeemed.last_redeemed_at,
        redeemed.discount_reporting_minor,
        redeemed.net_reporting_minor,
        redeemed.net_sales_reporting_minor
    from listed
    full outer join redeemed
        on listed.coupon_key = redeemed.coupon_key
)

select
    joined.coupon_id,
    joined.connection,
    joined.source_system,
    joined.coupon_code,
    joined.is_listed,
    joined.discount_id,
    joined.discount_name,
    joined.discount_kind,
    joined.discount_rate,
    joined.discount_minor,
    joined.currency_code,
    joined.starts_at,
    joined.ends_at,
    joined.usage_limit,
    joined.used_count,
    joined.is_active,
    joined.record_key is not null as is_personal,
    joined.customer_id,
    joined.issued_at,
    coalesce(seen.shown_count, 0) as shown_count,
    coalesce(seen.seen_count, 0) as seen_count,
    seen.first_seen_at,
    coalesce(joined.redeemed_order_count, 0) as redeemed_order_count,
    coalesce(joined.redeemed_customer_count, 0) as redeemed_customer_count,
    joined.first_redeemed_at,
    joined.last_redeemed_at,
    cast(coalesce(joined.discount_reporting_minor, 0) as bigint) as discount_reporting_minor,
    cast(coalesce(joined.net_reporting_minor, 0) as bigint) as net_reporting_minor,
    cast(coalesce(joined.net_sales_reporting_minor, 0) as bigint) as net_sales_reporting_minor,
    {{ reporting_amount('coalesce(joined.discount_reporting_minor, 0)') }} as discount_amount,
    {{ reporting_amount('coalesce(joined.net_reporting_minor, 0)') }} as net_amount,
    {{ reporting_amount('coalesce(joined.net_sales_reporting_minor, 0)') }} as net_sales_amount,
    cast(tested.order_effect as decimal(24, 6)) as incremental_orders,
    {{ reporting_amount('cast(round(tested.revenue_effect) as bigint)') }} as incremental_net_amount,
    case
        when tested.compared_code is null then 'not_tested'
        when tested.order_effect is null and tested.revenue_effect is null then 'not_measured'
    end as not_incremental_reason
from joined
left join seen
    on joined.compared_code = seen.compared_code
left join tested
    on joined.compared_code = tested.compared_code
