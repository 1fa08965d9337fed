{#- One row per `key` and attribute: of all values that the profiles of its records have, the one that
    survives by seeds/survivorship_rules.csv, and where it is from. `members` says which records are
    whose (key, record_key). -#}
{% macro surviving_attributes(members, key) -%}
    with

    profiles as (
        select
            *,
            {{ record_key_of() }} as record_key,
            {{ as_text('birth_date') }} as birth_date_text
        from {{ ref('person_records') }}
        where is_active
    ),

    survivorship_rules as (
        select * from {{ ref('survivorship_rules') }}
    ),

    members as (
        select * from {{ members }}
    ),

    attributes as (
        select
            members.{{ key }},
            profiles.record_key,
            profiles.source_system,
            profiles.record_kind,
            profiles.known_in,
            profiles.updated_at,
            {{ explode(named_values([
                'profiles.email', 'profiles.phone', 'profiles.first_name', 'profiles.last_name',
                'profiles.birth_date_text', 'profiles.street', 'profiles.city', 'profiles.postal_code',
                'profiles.country_code',
            ])) }} as attribute
        from profiles
        inner join members
            on profiles.record_key = members.record_key
    ),

    named as (
        select
            {{ key }},
            record_key,
            source_system,
            record_kind,
            known_in,
            updated_at,
            case attribute.name when 'birth_date_text' then 'birth_date' else attribute.name end as attribute_name,
            nullif(trim(attribute.value), '') as attribute_value
        from attributes
    ),

    candidates as (
        select
            named.*,
            row_number() over (
                partition by named.{{ key }}, named.attribute_name
                order by survivorship_rules.source_rank asc, named.updated_at desc, named.record_key asc
            ) as place,
            count(*) over (partition by named.{{ key }}, named.attribute_name) as candidate_count
        from named
        inner join survivorship_rules
            on
                named.attribute_name = survivorship_rules.attribute_name
                and named.record_kind = survivorship_rules.record_kind
                and coalesce(named.known_in, 'any') = survivorship_rules.known_in
        where named.attribute_value is not null
    ),

    agreement as (
        select
            {{ key }},
            attribute_name,
            count(distinct lower(attribute_value)) as value_count
        from candidates
        group by {{ key }}, attribute_name
    )

    select
        candidates.{{ key }},
        candidates.attribute_name,
        candidates.attribute_value,
        candidates.source_system,
        candidates.record_key,
        candidates.updated_at,
        candidates.candidate_count,
        agreement.value_count
    from candidates
    inner join agreement
        on
            candidates.{{ key }} = agreement.{{ key }}
            and candidates.attribute_name = agreement.attribute_name
    where candidates.place = 1
{%- endmacro %}
