with

carried as (
    select * from {{ ref('int_identity__carried') }}
),

blocked_values as (
    select * from {{ ref('int_identity__blocked_values') }}
),

-- A browser's or a phone's own record knows about consent; an order that names it does not. Where its
-- latest sighting has none, none of its sightings counts, whoever made them.
refused as (
    select
        identifier_type,
        identifier_value,
        bool_or(has_consent) as was_given
    from carried
    where record_id = identifier_value
    group by identifier_type, identifier_value
    having
        max(refused_at)
        > coalesce(max(case when has_consent then last_observed_at end), timestamp '1900-01-01 00:00:00')
)

select
    carried.record_key,
    carried.connection,
    {{ source_system_of('carried.connection') }} as source_system,
    carried.record_kind,
    carried.record_id,
    carried.identifier_type,
    carried.identifier_value,
    carried.id_connection,
    case
        when carried.id_connection = '' then {{ keyed_hash('carried.identifier_value') }}
        else {{ keyed_hash(hash_key(['carried.id_connection', 'carried.identifier_value'])) }}
    end as identifier_hash,
    carried.given_name,
    carried.family_name,
    carried.generation,
    carried.birth_date,
    {%- for name in ['given_name', 'family_name', 'birth_date'] %}
    case when carried.{{ name }} is not null then {{ keyed_hash('carried.' ~ name) }} end as {{ name }}_hash,
    {%- endfor %}
    case
        when blocked_values.blocked_reason is not null then blocked_values.blocked_reason
        when carried.is_ambiguous then 'ambiguous_reference'
        when carried.is_unknown then 'unknown_record'
        -- Whoever's own id is blocked is nobody.
        when customers.blocked_reason is not null then customers.blocked_reason
        when not coalesce(refused.was_given, carried.has_consent) then 'no_consent'
        when refused.identifier_type is not null then 'consent_withdrawn'
    end as blocked_reason,
    carried.first_observed_at,
    carried.last_observed_at,
    carried.ended_at,
    carried.has_consent
from carried
left join blocked_values
    on
        carried.identifier_type = blocked_values.identifier_type
        and carried.id_connection = blocked_values.id_connection
        and carried.identifier_value = blocked_values.identifier_value
left join blocked_values as customers
    on
        carried.record_kind = 'customer'
        and customers.identifier_type = 'customer_id'
        and carried.connection = customers.id_connection
        and carried.record_id = customers.identifier_value
left join refused
    on
        carried.identifier_type = refused.identifier_type
        and carried.identifier_value = refused.identifier_value
