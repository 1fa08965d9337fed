{{ config(materialized='view') }}

with

rules as (
    select
        *,
        max(_load_id) over (partition by connection) as newest_load_id
    from {{ staged('stg_adobe_commerce__sales_rules') }}
),

codes as (
    select
        *,
        max(_load_id) over (partition by connection) as newest_load_id
    from {{ staged('stg_adobe_commerce__coupons') }}
),

-- Amounts are in the base currency, which is told where all websites have the same; days are those of the first store.
stores as (
    select
        configs.connection,
        case when count(distinct configs.base_currency_code) = 1 then min(known.currency_code) end as currency_code,
        case when count(distinct configs.base_currency_code) = 1 then min(known.exponent) end as exponent,
        coalesce(min(configs.time_zone), 'UTC') as time_zone,
        max(configs._extracted_at) as read_at
    from {{ staged('stg_adobe_commerce__store_configs') }} as configs
    left join {{ ref('currencies') }} as known
        on configs.base_currency_code = known.currency_code
    group by configs.connection
),

issued as (
    select
        codes.connection,
        codes._load_id,
        codes.adobe_commerce_coupon_id as coupon_id,
        codes.coupon_code,
        codes.adobe_commerce_rule_id,
        codes.usage_limit,
        codes.used_count,
        codes.expires_at,
        codes.created_at,
        codes._load_id = codes.newest_load_id as is_listed
    from codes
    union all
    select
        rules.connection,
        rules._load_id,
        concat('rule:', rules.adobe_commerce_rule_id) as coupon_id,
        {{ as_text('null') }} as coupon_code,
        rules.adobe_commerce_rule_id,
        cast(null as bigint) as usage_limit,
        rules.used_count,
        cast(null as timestamp) as expires_at,
        cast(null as timestamp) as created_at,
        true as is_listed
    from rules
    where rules.coupon_type = 'NO_COUPON'
),

joined as (
    select
        issued.*,
        rules.rule_name,
        rules.simple_action,
        rules.discount_amount,
        rules.is_free_shipping,
        {{ local_moment('rules.from_date', 0, 'stores.time_zone') }} as starts_at,
        -- The last day is included.
        coalesce(issued.expires_at, {{ local_moment('rules.to_date', 24 * 60, 'stores.time_zone') }}) as ends_at,
        rules.is_active and rules._load_id = rules.newest_load_id as is_rule_active,
        stores.currency_code,
        stores.exponent,
        stores.read_at
    from issued
    left join rules
        on
            issued.connection = rules.connection
            and issued.adobe_commerce_rule_id = rules.adobe_commerce_rule_id
    left join stores
        on issued.connection = stores.connection
)

select
    connection,
    'adobe_commerce' as source_system,
    _load_id,
    coupon_id,
    coupon_code,
    adobe_commerce_rule_id as discount_id,
    rule_name as discount_name,
    case
        when coalesce(discount_amount, 0) = 0 and is_free_shipping then 'shipping'
        when simple_action = 'by_percent' then 'percent'
        when simple_action in ('by_fixed', 'cart_fixed') then 'amount'
        else 'other'
    end as discount_kind,
    case when simple_action = 'by_percent' then try_cast(discount_amount * 0.01 as decimal(9, 6)) end as discount_rate,
    case when simple_action in ('by_fixed', 'cart_fixed') then {{ to_minor('discount_amount', 'exponent') }} end
        as discount_minor,
    case when simple_action in ('by_fixed', 'cart_fixed') then currency_code end as currency_code,
    starts_at,
    ends_at,
    nullif(usage_limit, 0) as usage_limit,
    used_count,
    coalesce(is_rule_active, false)
    and is_listed
    and (starts_at is null or read_at is null or starts_at <= read_at)
    and (ends_at is null or read_at is null or ends_at > read_at)
    and (coalesce(usage_limit, 0) = 0 or used_count < usage_limit) as is_active,
    {{ as_text('null') }} as record_key,
    created_at as issued_at
from joined
