with

evidence as (
    select * from {{ ref('int_identity__evidence') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

cannot_links as (
    {{ with_company('cannot_links', {
        'record_key_a': 'string', 'record_key_b': 'string', 'reason': 'string', 'decided_by': 'string',
        'decided_on': 'date',
    }) }}
),

-- Who has an account, a contact or a profile that carries the identifier; one record speaks for each.
carriers as (
    select
        evidence.identifier_type,
        evidence.identifier_hash,
        persons.customer_id,
        min(evidence.record_key) as record_key,
        max(evidence.blocked_reason) as blocked_reason,
        count(*) over (partition by evidence.identifier_type, evidence.identifier_hash) as person_count
    from evidence
    inner join persons
        on evidence.record_key = persons.record_key
    where
        {{ is_customer_record('evidence.record_kind') }}
        and (evidence.identifier_type = 'email' or evidence.blocked_reason like 'guard%')
    group by evidence.identifier_type, evidence.identifier_hash, persons.customer_id
)

select
    ones.identifier_type,
    ones.identifier_hash,
    ones.record_key as left_record_key,
    others.record_key as right_record_key,
    ones.customer_id as left_customer_id,
    others.customer_id as right_customer_id,
    coalesce(ones.blocked_reason, others.blocked_reason) as blocked_reason
from carriers as ones
inner join carriers as others
    on
        ones.identifier_type = others.identifier_type
        and ones.identifier_hash = others.identifier_hash
        and ones.record_key < others.record_key
left join cannot_links
    on
        least(cannot_links.record_key_a, cannot_links.record_key_b) = ones.record_key
        and greatest(cannot_links.record_key_a, cannot_links.record_key_b) = others.record_key
where ones.person_count <= {{ var('household_maximum_persons') }} and cannot_links.record_key_a is null
