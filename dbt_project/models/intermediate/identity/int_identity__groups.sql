{#- A given name goes with its family name: both of one record. -#}
{%- set spoken_for = {
    'name': ['given_name_hash', 'family_name_hash'],
    'birth_date': ['birth_date_hash'],
    'generation': ['generation'],
} -%}
with

records as (
    select * from {{ ref('int_identity__records') }}
),

strong_links as (
    select * from {{ ref('int_identity__strong_links') }}
    where blocked_reason is null
),

strong_components as (
    select * from {{ ref('int_identity__strong_components') }}
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

-- The name, and the day, that most of its records have speak for the group; a customer's own before a sale's.
{%- for part, columns in spoken_for.items() %}

{{ part }}s as (
    select
        strong_group,
        {{ columns | join(', ') }},
        row_number() over (
            partition by strong_group
            order by
                count_if({{ is_customer_record('record_kind') }}) desc,
                count(*) desc,
                min(first_observed_at) asc,
                min(record_key) asc
        ) as place
    from grouped
    where coalesce({{ columns | join(', ') }}) is not null
    group by strong_group, {{ columns | join(', ') }}
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
        bool_or(grouped.record_kind = 'loyalty_account') as has_loyalty_account,
        bool_or(grouped.has_phone) as has_phone
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
    group_facts.has_phone,
    names.given_name_hash,
    names.family_name_hash,
    birth_dates.birth_date_hash,
    generations.generation
from grouped
inner join group_facts
    on grouped.strong_group = group_facts.strong_group
{%- for part in spoken_for %}
left join {{ part }}s
    on grouped.strong_group = {{ part }}s.strong_group and {{ part }}s.place = 1
{%- endfor %}
