with days as (
    select
        max(spend_date) as last_day,
        max(spend_date) - {{ limits.days - 1 }} as first_day
    from marts.fct_ad_spend
),

visits as (
    select
        t.platform,
        count(*) as n
    from marts.fct_touchpoints as t
    cross join days
    where
        t.touch_type = 'paid_click' and t.platform is not null
        and cast(t.touched_at as date) between days.first_day and days.last_day
    group by t.platform
),

clicks as (
    select
        s.platform,
        sum(s.click_count) as n
    from marts.fct_ad_spend as s
    inner join days on s.spend_date between days.first_day and days.last_day
    group by s.platform
)

select
    v.platform as place,
    days.last_day as day,
    'visits' as unit,
    v.n as left_total,
    coalesce(c.n, 0) as right_total,
    {{ limits.times - 1 }} * coalesce(c.n, 0) + {{ limits.visits }} as tolerance,
    null as ids
from visits as v
cross join days
left join clicks as c on v.platform = c.platform
