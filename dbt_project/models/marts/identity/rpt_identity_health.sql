with

records as (
    select * from {{ ref('int_identity__groups') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

evidence as (
    select * from {{ ref('int_identity__evidence') }}
),

person_systems as (
    select
        customer_id,
        count(*) as record_count,
        count(distinct source_system) as system_count
    from persons
    group by customer_id
),

broken as (
    select
        record_key,
        count_if(not is_usable) as broken_link_count,
        count_if(blocked_reason like 'guard%') as guarded_link_count
    from evidence
    group by record_key
)

select
    {{ hash_key(['records.connection', 'records.record_kind']) }} as identity_health_id,
    records.connection,
    records.source_system,
    records.record_kind,
    count(*) as record_count,
    cast(count_if(persons.customer_id is not null) as bigint) as identified_count,
    cast(count_if(person_systems.record_count > 1) as bigint) as linked_count,
    cast(count_if(person_systems.system_count > 1) as bigint) as matched_count,
    cast(count_if(persons.customer_id is null) as bigint) as orphan_count,
    cast(coalesce(sum(broken.broken_link_count), 0) as bigint) as broken_link_count,
    cast(coalesce(sum(broken.guarded_link_count), 0) as bigint) as guarded_link_count,
    {{ exact_ratio('count_if(person_systems.system_count > 1)', 'count(*)', 4) }} as match_rate,
    {{ exact_ratio('count_if(persons.customer_id is null)', 'count(*)', 4) }} as orphan_rate
from records
left join persons
    on records.record_key = persons.record_key
left join person_systems
    on persons.customer_id = person_systems.customer_id
left join broken
    on records.record_key = broken.record_key
group by records.connection, records.source_system, records.record_kind
