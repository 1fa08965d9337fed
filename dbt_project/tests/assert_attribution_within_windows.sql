-- Credit goes to touches that a look-back window reaches, and to no other.
select
    credits.attribution_id,
    credits.conversion_type,
    credits.touch_type,
    credits.touched_at,
    credits.converted_at
from {{ ref('fct_attribution') }} as credits
left join {{ ref('attribution_windows') }} as attribution_windows
    on
        credits.conversion_type = attribution_windows.conversion_type
        and credits.touch_type = attribution_windows.touch_type
where
    credits.touchpoint_id is not null
    and (
        attribution_windows.conversion_type is null
        or {{ microseconds('credits.converted_at') }} - {{ microseconds('credits.touched_at') }}
        not between attribution_windows.minimum_age_hours * cast(3600000000 as bigint)
        and attribution_windows.lookback_days * cast(86400000000 as bigint)
    )
