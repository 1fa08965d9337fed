with

evidence as (
    select * from {{ ref('int_identity__evidence') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
)

select
    {{ hash_key(['evidence.record_key', 'evidence.link_key']) }} as break_id,
    evidence.connection,
    evidence.source_system,
    evidence.record_kind,
    {{ outward_record_id('evidence.record_kind', 'evidence.record_id') }} as record_id,
    evidence.identifier_type,
    {{ outward_hash("concat(evidence.identifier_type, ':', evidence.identifier_hash)") }} as identifier_id,
    evidence.blocked_reason,
    persons.customer_id,
    evidence.first_observed_at,
    evidence.last_observed_at
from evidence
left join persons
    on evidence.record_key = persons.record_key
where not evidence.is_usable
