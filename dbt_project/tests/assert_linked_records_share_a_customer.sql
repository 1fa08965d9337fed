-- The clustering is complete: the two ends of a usable link are never two customers.
with

linked as (
    select
        evidence.link_key,
        persons.customer_id
    from {{ ref('int_identity__evidence') }} as evidence
    inner join {{ ref('int_identity__persons') }} as persons
        on evidence.record_key = persons.record_key
    where evidence.is_usable
)

select
    link_key,
    count(distinct customer_id) as customer_count
from linked
group by link_key
having count(distinct customer_id) > 1
