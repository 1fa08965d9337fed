with

paths as (
    select * from {{ ref('int_attribution__paths') }}
    where has_analytics_consent
),

marked as (
    select
        conversion_id,
        conversion_type,
        touch_position,
        channel,
        coalesce(channel <> lag(channel) over (partition by conversion_id order by touch_position), true)
            as is_step
    from paths
),

steps as (
    select
        conversion_type,
        channel as from_channel,
        row_number() over journey as position,
        -- The last step leads to the conversion itself.
        lead(channel) over journey as to_channel
    from marked
    where is_step
    window journey as (partition by conversion_id order by touch_position)
)

select
    {{ hash_key(['conversion_type', 'position', 'from_channel', 'to_channel']) }} as path_step_id,
    conversion_type,
    cast(position as bigint) as position,
    from_channel,
    coalesce(to_channel, 'converted') as to_channel,
    count(*) as journey_count
from steps
group by conversion_type, position, from_channel, to_channel
