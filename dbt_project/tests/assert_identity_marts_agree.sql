-- Whose a record was is an id that was given; an id that is in use is a customer's; each record is somebody's or
-- nobody's, and each link that does not count is counted once.
with

aliases as (select * from {{ ref('dim_person_aliases') }}),

customers as (select customer_id from {{ ref('dim_customers') }}),

health as (select * from {{ ref('rpt_identity_health') }}),

breaks as (
    select
        connection,
        record_kind,
        count(*) as break_count
    from {{ ref('fct_identity_breaks') }}
    group by connection, record_kind
)

select
    'an id that was never given' as fault,
    history.customer_id as found
from {{ ref('dim_persons_history') }} as history
left join aliases
    on history.customer_id = aliases.customer_id
where aliases.customer_id is null
union all
select
    'leads to no customer' as fault,
    aliases.customer_id as found
from aliases
left join customers
    on aliases.current_customer_id = customers.customer_id
where
    aliases.current_customer_id is not null
    and customers.customer_id is null
union all
select
    'waits for a decision on nobody' as fault,
    reviews.review_id as found
from {{ ref('fct_identity_reviews') }} as reviews
left join aliases as lefts
    on reviews.left_customer_id = lefts.customer_id
left join aliases as rights
    on reviews.right_customer_id = rights.customer_id
where lefts.customer_id is null or rights.customer_id is null
union all
select
    'ties more records than carry it' as fault,
    identifier_id as found
from {{ ref('dim_identifiers') }}
where usable_record_count > record_count
union all
select
    'records or links do not add up' as fault,
    health.identity_health_id as found
from health
left join breaks
    on
        health.connection = breaks.connection
        and health.record_kind = breaks.record_kind
where
    health.identified_count + health.orphan_count <> health.record_count
    or health.linked_count > health.identified_count
    or health.matched_count > health.linked_count
    or health.broken_link_count <> coalesce(breaks.break_count, 0)
