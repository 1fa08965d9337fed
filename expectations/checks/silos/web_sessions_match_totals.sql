-- An export and the reports of the same property are connections of one label: what stands behind the two underscores.
with totals as (
    select
        split_part(connection, '__', 2) as label,
        total_date as day,
        sum(session_count) as sessions,
        sum(order_count) as purchases,
        max(case when is_partial then 1 else 0 end) as is_partial
    from conformed.web_totals
    group by split_part(connection, '__', 2), total_date
),

reach as (
    select
        split_part(connection, '__', 2) as label,
        min(event_date) as first_day,
        max(event_date) as last_day
    from conformed.web_events
    group by split_part(connection, '__', 2)
),

-- Events of a day are taken for three days, and added up and exported after that.
span as (
    select
        r.label,
        least(r.last_day, max(t.day)) - {{ limits.settled }} as last_day,
        greatest(
            r.first_day, min(t.day), least(r.last_day, max(t.day)) - {{ limits.settled + limits.days - 1 }}
        ) as first_day
    from reach as r
    inner join totals as t on r.label = t.label
    group by r.label, r.first_day, r.last_day
),

-- Who has not consented has no session, neither here nor there.
events as (
    select
        s.label,
        e.event_date as day,
        count(distinct e.visitor_id || '.' || e.session_number) as sessions,
        count(distinct e.order_name) as purchases
    from conformed.web_events as e
    inner join span as s
        on
            split_part(e.connection, '__', 2) = s.label
            and e.event_date between s.first_day and s.last_day
    where e.visitor_id is not null and e.session_number is not null
    group by s.label, e.event_date
),

days as (
    select
        coalesce(t.label, e.label) as label,
        coalesce(t.day, e.day) as day,
        coalesce(t.sessions, 0) as told_sessions,
        coalesce(e.sessions, 0) as sessions,
        coalesce(t.purchases, 0) as told_purchases,
        coalesce(e.purchases, 0) as purchases,
        coalesce(t.is_partial, 0) as is_partial
    from (
        select t.*
        from totals as t
        inner join span as s on t.label = s.label and t.day between s.first_day and s.last_day
    ) as t
    full outer join events as e on t.label = e.label and t.day = e.day
),

compared as (
    select
        label,
        day,
        is_partial,
        'sessions' as unit,
        told_sessions as left_total,
        sessions as right_total,
        {{ limits.sessions }} as least_tolerance
    from days
    union all
    select
        label,
        day,
        is_partial,
        'purchases' as unit,
        told_purchases as left_total,
        purchases as right_total,
        {{ limits.purchases }} as least_tolerance
    from days
)

select
    case when label = '' then 'web' else label end as place,
    day,
    unit,
    left_total,
    right_total,
    case
        -- Rows that are known to be withheld are missed by nobody.
        when is_partial = 1 and left_total < right_total then right_total
        else greatest(least_tolerance, ceil({{ limits.percent }} / 100 * right_total))
    end as tolerance,
    null as ids
from compared
