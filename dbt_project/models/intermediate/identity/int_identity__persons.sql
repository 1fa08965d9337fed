with

edges as (
    select * from {{ ref('int_identity__edges') }}
),

components as (
    select * from {{ ref('int_identity__components') }}
),

records as (
    select
        record_key,
        source_system,
        record_type,
        record_id,
        bool_or(is_usable) as has_usable_identifier
    from edges
    group by record_key, source_system, record_type, record_id
),

-- A till sale that no usable identifier ties to anybody is nobody's, not a customer of its own.
identified as (
    select
        records.source_system,
        records.record_type,
        records.record_id,
        records.record_key,
        coalesce(components.component, records.record_key) as component
    from records
    left join components
        on records.record_key = components.node
    where records.has_usable_identifier or records.record_type <> 'square_order'
),

-- First form of the id: the group's smallest record names it.
named as (
    select
        component,
        min(record_key) as smallest_record_key
    from identified
    group by component
)

select
    identified.source_system,
    identified.record_type,
    identified.record_id,
    {{ hash_key(['named.smallest_record_key']) }} as customer_id
from identified
inner join named
    on identified.component = named.component
