{{ config(materialized='view') }}

with

discounts as (
    select * from {{ staged('stg_shopify__discounts') }}
),

codes as (
    select
        connection,
        shopify_discount_id,
        {{ element_count('codes') }} as code_count,
        {{ explode('codes') }} as issued
    from discounts
),

told as (
    select
        connection,
        shopify_discount_id,
        {{ gid_number('issued.id') }} as coupon_id,
        issued.code as coupon_code,
        {{ counted('issued.asyncUsageCount') }} as used_count,
        code_count
    from codes
    union all
    select
        connection,
        shopify_discount_id,
        concat('discount:', shopify_discount_id) as coupon_id,
        {{ as_text('null') }} as coupon_code,
        used_count,
        0 as code_count
    from discounts
    where {{ element_count('codes') }} = 0
)

select
    discounts.connection,
    'shopify' as source_system,
    discounts._load_id,
    told.coupon_id,
    told.coupon_code,
    discounts.shopify_discount_id as discount_id,
    discounts.title as discount_name,
    case
        when discounts.discount_type like '%FreeShipping' then 'shipping'
        when discounts.discount_type like '%Basic' and discounts.discount_rate is not null then 'percent'
        when discounts.discount_type like '%Basic' and discounts.discount_minor is not null then 'amount'
        else 'other'
    end as discount_kind,
    case when discounts.discount_type like '%Basic' then discounts.discount_rate end as discount_rate,
    case when discounts.discount_type like '%Basic' then discounts.discount_minor end as discount_minor,
    discounts.currency_code,
    discounts.starts_at,
    discounts.ends_at,
    discounts.usage_limit,
    told.used_count,
    coalesce(discounts.status = 'ACTIVE', false) and not discounts.is_deleted as is_active,
    {{ record_key('customer', 'discounts.shopify_customer_id', 'discounts.connection') }} as record_key,
    -- A code that was added to others later has no time of its own.
    case when told.code_count <= 1 then discounts.created_at end as issued_at
from told
inner join discounts
    on
        told.connection = discounts.connection
        and told.shopify_discount_id = discounts.shopify_discount_id
