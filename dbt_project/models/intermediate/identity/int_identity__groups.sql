{%- set spoken_for = {
    'given_name_hash': 'first_name_hash',
    'family_name_hash': 'last_name_hash',
    'birth_date_hash': 'birth_date_hash',
} -%}
with

observations as (
    select * from {{ ref('int_identity__observations') }}
),

strong_links as (
    select * from {{ ref('int_identity__strong_links') }}
    where blocked_reason is null
),

strong_components as (
    select * from {{ ref('int_identity__strong_components') }}
),

records as (
    select
        record_key,
        connection,
        source_system,
        record_kind,
        record_id,
        min(first_observed_at) as first_observed_at,
        max(last_observed_at) as last_observed_at,
        max(first_name_hash) as first_name_hash,
        max(last_name_hash) as last_name_hash,
        max(birth_date_hash) as birth_date_hash,
        bool_or(has_consent) as has_consent
    from observations
    group by record_key, connection, source_system, record_kind, record_id
),

-- The group that strong identifiers alone put a record into; a record without any stands alone.
grouped as (
    select
        records.*,
        coalesce(strong_components.component, records.record_key) as strong_group
    from records
    left join strong_components
        on records.record_key = strong_components.node
),

-- The name, and the day, that most of its records have speak for the group.
{%- for spoken, column in spoken_for.items() %}

{{ spoken }}es as (
    select
        strong_group,
        {{ column }} as {{ spoken }},
        row_number() over (
            partition by strong_group
            order by count(*) desc, {{ column }} asc
        ) as place
    from grouped
    where {{ column }} is not null
    group by strong_group, {{ column }}
),
{%- endfor %}

records_with_email as (
    select distinct record_key
    from strong_links
    where identifier_type = 'email'
),

group_facts as (
    select
        grouped.strong_group,
        bool_or(records_with_email.record_key is not null) as has_email,
        bool_or({{ is_customer_record('grouped.record_kind') }}) as has_customer_record,
        bool_or(grouped.record_kind = 'loyalty_account') as has_loyalty_account
    from grouped
    left join records_with_email
        on grouped.record_key = records_with_email.record_key
    group by grouped.strong_group
)

select
    grouped.record_key,
    grouped.connection,
    grouped.source_system,
    grouped.record_kind,
    grouped.record_id,
    grouped.first_observed_at,
    grouped.last_observed_at,
    grouped.has_consent,
    grouped.strong_group,
    group_facts.has_email,
    group_facts.has_customer_record,
    group_facts.has_loyalty_account,
    given_name_hashes.given_name_hash,
    family_name_hashes.family_name_hash,
    birth_date_hashes.birth_date_hash
from grouped
inner join group_facts
    on grouped.strong_group = group_facts.strong_group
{%- for spoken in spoken_for %}
left join {{ spoken }}es
    on grouped.strong_group = {{ spoken }}es.strong_group and {{ spoken }}es.place = 1
{%- endfor %}
