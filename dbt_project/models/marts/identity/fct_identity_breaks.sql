with

evidence as (
    select * from {{ ref('int_identity__evidence') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
)

select
    {{ hash_key(['evidence.record_key', 'evidence.link_key']) }} as break_id,
    evidence.source_system,
    evidence.record_type,
    {{ outward_record_id('evidence.record_type', 'evidence.record_id') }} as record_id,
    evidence.identifier_type,
    {{ outward_hash("concat(evidence.identifier_type, ':', evidence.identifier_hash)") }} as identifier_id,
    evidence.blocked_reason,
    persons.customer_id,
    evidence.first_observed_at,
    evidence.last_observed_at
from evidence
left join persons
    on
        evidence.record_type = persons.record_type
        and evidence.record_id = persons.record_id
where not evidence.is_usable
