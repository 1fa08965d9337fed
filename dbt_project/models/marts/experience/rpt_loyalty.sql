{%- set kinds = ['redeemed', 'reversed', 'adjusted', 'expired', 'other'] %}
{%- set channels = ['web', 'bopis', 'till', 'none'] %}

with

entries as (
    select
        *,
        cast(date_trunc('month', entry_date) as date) as entry_month
    from {{ ref('fct_loyalty') }}
),

first_months as (
    select
        connection,
        loyalty_account_id,
        min(entry_month) as entry_month
    from entries
    group by connection, loyalty_account_id
),

joined_in as (
    select
        connection,
        entry_month,
        count(*) as new_member_count
    from first_months
    group by connection, entry_month
),

moved as (
    select
        connection,
        entry_month,
        count(distinct loyalty_account_id) as active_member_count,
        {%- for channel in channels %}
        sum(case when entry_kind = 'earned' and channel = '{{ channel }}' then points else 0 end)
            as earned_{{ channel }}_points,
        {%- endfor %}
        sum(case when entry_kind = 'earned' then points else 0 end) as earned_points,
        {%- for kind in kinds %}
        sum(case when entry_kind = '{{ kind }}' then points else 0 end) as {{ kind }}_points,
        {%- endfor %}
        sum(points) as net_points
    from entries
    group by connection, entry_month
),

running as (
    select
        moved.*,
        coalesce(joined_in.new_member_count, 0) as new_member_count,
        sum(coalesce(joined_in.new_member_count, 0)) over up_to_month as member_count,
        sum(moved.net_points) over up_to_month as closing_points
    from moved
    left join joined_in
        on
            moved.connection = joined_in.connection
            and moved.entry_month = joined_in.entry_month
    window up_to_month as (
        partition by moved.connection
        order by moved.entry_month
        rows between unbounded preceding and current row
    )
)

select
    {{ hash_key(['connection', 'entry_month']) }} as loyalty_month_id,
    connection,
    entry_month as loyalty_month,
    new_member_count,
    cast(member_count as bigint) as member_count,
    active_member_count,
    cast(closing_points - net_points as bigint) as opening_points,
    cast(earned_points as bigint) as earned_points,
    {%- for channel in channels %}
    cast(earned_{{ channel }}_points as bigint) as earned_{{ channel }}_points,
    {%- endfor %}
    {%- for kind in kinds %}
    cast({{ kind }}_points as bigint) as {{ kind }}_points,
    {%- endfor %}
    cast(closing_points as bigint) as closing_points
from running
