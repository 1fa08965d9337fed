with

evidence as (
    select * from {{ ref('int_identity__evidence') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

profiles as (
    select
        evidence.identifier_type,
        evidence.identifier_hash,
        max(evidence.strength) as strength,
        count(*) as record_count,
        count_if(evidence.is_usable) as usable_record_count,
        count(distinct persons.customer_id) as person_count,
        max(evidence.given_name_count) as given_name_count,
        count(distinct evidence.link_key) as part_count,
        bool_or(evidence.is_sliced) as is_sliced,
        bool_or(evidence.is_split_by_name) as is_split_by_name,
        min(evidence.blocked_reason) as blocked_reason,
        min(evidence.first_observed_at) as first_observed_at,
        max(evidence.last_observed_at) as last_observed_at
    from evidence
    left join persons
        on evidence.record_key = persons.record_key
    group by evidence.identifier_type, evidence.identifier_hash
)

select
    *,
    case
        when usable_record_count = 0 then 'blocked'
        when is_sliced then 'time_sliced'
        when is_split_by_name then 'split_by_name'
        when blocked_reason is not null then 'partly_blocked'
        when strength = 'strong' then 'usable'
        else 'weak'
    end as identifier_status
from profiles
