with

credits as (
    select * from {{ ref('int_attribution__credits') }}
),

paths as (
    select * from {{ ref('int_attribution__paths') }}
),

conversions as (
    select
        *,
        {{ local_date('converted_at', "'" ~ var('reporting_time_zone') ~ "'") }} as cash_date
    from {{ ref('int_conversions') }}
),

touchpoints as (
    select * from {{ ref('int_touchpoints') }}
),

attribution_models as (
    select * from {{ ref('int_attribution__models') }}
),

touch_types as (
    select * from {{ ref('attribution_touch_types') }}
),

conversion_types as (
    select * from {{ ref('attribution_conversion_types') }}
),

path_consents as (
    select
        conversion_id,
        bool_or(has_analytics_consent) as has_consented_touch
    from paths
    group by conversion_id
),

touched_customers as (
    select distinct customer_id
    from touchpoints
),

attributed as (
    select
        conversion_id,
        attribution_model,
        touchpoint_id,
        channel,
        touch_type,
        campaign_id,
        touched_at,
        touch_date,
        touch_position,
        touch_count,
        credit_share,
        credit_minor,
        credit_reporting_minor,
        {{ as_text('null') }} as unattributed_reason
    from credits
),

-- What no touch explains is said, with the reason, and counted in every model.
unattributed as (
    select
        conversions.conversion_id,
        attribution_models.attribution_model,
        {{ as_text('null') }} as touchpoint_id,
        'unattributed' as channel,
        {{ as_text('null') }} as touch_type,
        {{ as_text('null') }} as campaign_id,
        cast(null as timestamp) as touched_at,
        cast(null as date) as touch_date,
        cast(null as bigint) as touch_position,
        cast(0 as bigint) as touch_count,
        cast(1 as decimal(12, 9)) as credit_share,
        conversions.value_minor as credit_minor,
        conversions.value_reporting_minor as credit_reporting_minor,
        case
            -- Its own session, or a touch in its window, may not be tied to the person.
            when not conversions.has_analytics_consent then 'no_consent'
            when conversions.customer_id is null then 'anonymous'
            when path_consents.conversion_id is not null then 'no_consent'
            when touched_customers.customer_id is null then 'no_match'
            else 'no_touch_in_window'
        end as unattributed_reason
    from conversions
    cross join attribution_models
    left join path_consents
        on conversions.conversion_id = path_consents.conversion_id
    left join touched_customers
        on conversions.customer_id = touched_customers.customer_id
    where not coalesce(path_consents.has_consented_touch, false)
),

unioned as (
    select * from attributed
    union all
    select * from unattributed
),

dated as (
    select
        unioned.*,
        conversions.customer_id,
        conversions.conversion_type,
        conversions.order_channel,
        conversions.store_id,
        conversions.converted_at,
        conversions.currency_code,
        conversions.cash_date
    from unioned
    inner join conversions
        on unioned.conversion_id = conversions.conversion_id
)

select
    {{ hash_key(['dated.conversion_id', 'dated.attribution_model', 'dated.touchpoint_id']) }}
        as attribution_id,
    dated.conversion_id,
    dated.attribution_model,
    dated.touchpoint_id,
    dated.customer_id,
    dated.channel,
    dated.touch_type,
    dated.campaign_id,
    dated.conversion_type,
    case
        when touch_types.side is not null and conversion_types.side is not null
            then concat(touch_types.side, '_to_', conversion_types.side)
    end as direction,
    dated.order_channel,
    dated.store_id,
    dated.converted_at,
    dated.touched_at,
    dated.cash_date,
    coalesce(dated.touch_date, dated.cash_date) as accrual_date,
    dated.touch_position,
    dated.touch_count,
    dated.credit_share,
    dated.credit_minor,
    dated.credit_reporting_minor,
    dated.currency_code,
    dated.unattributed_reason
from dated
left join touch_types
    on dated.touch_type = touch_types.touch_type
left join conversion_types
    on dated.conversion_type = conversion_types.conversion_type
