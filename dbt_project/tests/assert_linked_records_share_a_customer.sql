-- The clustering is complete: the two ends of a usable link are never two customers.
with

linked as (
    select
        edges.link_key,
        persons.customer_id
    from {{ ref('int_identity__edges') }} as edges
    inner join {{ ref('int_identity__persons') }} as persons
        on
            edges.record_type = persons.record_type
            and edges.record_id = persons.record_id
    where edges.is_usable
)

select
    link_key,
    count(distinct customer_id) as customer_count
from linked
group by link_key
having count(distinct customer_id) > 1
