-- A session is a touch, or it is counted among what was set aside: none is lost and none is both.
with

sessions as (
    select count(*) as session_count from {{ ref('int_web__sessions') }}
),

touches as (
    select count(*) as touch_count
    from {{ ref('fct_touchpoints') }} as touchpoints
    inner join {{ ref('int_web__sessions') }} as all_sessions
        on touchpoints.touchpoint_id = {{ hash_key(["'session'", 'all_sessions.session_id']) }}
),

set_aside as (
    select coalesce(sum(record_count), 0) as set_aside_count from {{ ref('rpt_set_aside') }}
    where record_kind = 'web_session'
)

select
    sessions.session_count,
    touches.touch_count,
    set_aside.set_aside_count
from sessions
cross join touches
cross join set_aside
where sessions.session_count <> touches.touch_count + set_aside.set_aside_count
