with

memberships as (
    select * from {{ ref('int_identity__memberships') }}
),

persons_ever as (
    select
        customer_id,
        min(valid_from) as born_at,
        max(case when valid_to is null then 1 else 0 end) = 1 as is_current,
        max(valid_to) as last_closed_at
    from memberships
    group by customer_id
),

now_with as (
    select
        record_key,
        customer_id
    from memberships
    where valid_to is null
),

-- Where most of a former person's records are now, and how they last left.
heirs as (
    select
        memberships.customer_id,
        now_with.customer_id as current_customer_id,
        row_number() over (
            partition by memberships.customer_id
            order by count(distinct memberships.record_key) desc, now_with.customer_id asc
        ) as place
    from memberships
    inner join now_with
        on memberships.record_key = now_with.record_key
    group by memberships.customer_id, now_with.customer_id
),

last_closings as (
    select
        customer_id,
        closed_by,
        row_number() over (partition by customer_id order by closed_run desc, membership_id asc) as place
    from memberships
    where closed_run is not null
)

select
    persons_ever.customer_id,
    case when persons_ever.is_current then persons_ever.customer_id else heirs.current_customer_id end
        as current_customer_id,
    case when persons_ever.is_current then 'current' else last_closings.closed_by end as person_status,
    persons_ever.born_at,
    case when not persons_ever.is_current then persons_ever.last_closed_at end as ended_at
from persons_ever
left join heirs
    on
        persons_ever.customer_id = heirs.customer_id
        and heirs.place = 1
left join last_closings
    on
        persons_ever.customer_id = last_closings.customer_id
        and last_closings.place = 1
