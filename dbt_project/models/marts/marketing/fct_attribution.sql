with

credits as (
    select * from {{ ref('int_attribution__credits') }}
),

paths as (
    select * from {{ ref('int_attribution__paths') }}
),

conversions as (
    select * from {{ ref('int_conversions') }}
),

attribution_models as (
    select * from {{ ref('attribution_models') }}
),

path_consents as (
    select
        conversion_id,
        bool_or(has_analytics_consent) as has_consented_touch
    from paths
    group by conversion_id
),

attributed as (
    select
        credits.conversion_id,
        credits.attribution_model,
        credits.touchpoint_id,
        credits.channel,
        credits.campaign_id,
        credits.touched_at,
        credits.touch_position,
        credits.touch_count,
        credits.credit_share,
        credits.credit_minor,
        credits.credit_reporting_minor,
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
        {{ as_text('null') }} as campaign_id,
        cast(null as timestamp) as touched_at,
        cast(null as bigint) as touch_position,
        cast(0 as bigint) as touch_count,
        cast(1 as decimal(12, 9)) as credit_share,
        conversions.value_minor as credit_minor,
        conversions.value_reporting_minor as credit_reporting_minor,
        case
            -- Its own session, or a touch in its window, may not be tied to the person.
            when not conversions.has_analytics_consent then 'no_consent'
            when conversions.customer_id is null then 'no_identity'
            when path_consents.conversion_id is not null then 'no_consent'
            else 'no_touch_in_window'
        end as unattributed_reason
    from conversions
    cross join attribution_models
    left join path_consents
        on conversions.conversion_id = path_consents.conversion_id
    where not coalesce(path_consents.has_consented_touch, false)
),

unioned as (
    select * from attributed
    union all
    select * from unattributed
)

select
    {{ hash_key(['unioned.conversion_id', 'unioned.attribution_model', 'unioned.touchpoint_id']) }}
        as attribution_id,
    unioned.conversion_id,
    unioned.attribution_model,
    unioned.touchpoint_id,
    conversions.customer_id,
    unioned.channel,
    unioned.campaign_id,
    conversions.conversion_type,
    conversions.order_channel,
    conversions.store_id,
    conversions.converted_at,
    unioned.touched_at,
    unioned.touch_position,
    unioned.touch_count,
    unioned.credit_share,
    unioned.credit_minor,
    unioned.credit_reporting_minor,
    conversions.currency_code,
    unioned.unattributed_reason
from unioned
inner join conversions
    on unioned.conversion_id = conversions.conversion_id
