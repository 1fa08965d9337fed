{#- Each of `details` (an address, a number, a card) that a record ever had, while it had it, beside what is known of its
    `person` now: a relation for `sightings`. `history` has the stretches of contacts_in_time, `records` the records by
    the same `key`. -#}
{% macro details_held(history, records, key, details, person) -%}
    select
        held.connection,
        held._load_id,
        held.{{ key }},
        {%- for name in details %}
        held.{{ name }},
        {%- endfor %}
        {%- for name in person %}
        known.{{ name }},
        {%- endfor %}
        held.held_from,
        held.ended_at
    from {{ history }} as held
    inner join {{ records }} as known
        on held.connection = known.connection and held.{{ key }} = known.{{ key }}
{%- endmacro %}

{#- Rows of `relation` as sightings: a record, and an identifier that it carried then. `identifiers` and
    `person` map identifier types and names, birth_date and country_code to expressions of the relation.
    `ended_at` is since when the record has another one. A record, or an id, that another system gave out says
    `none` for its connection. -#}
{% macro sightings(
    relation, record_kind, record_id, observed_at, identifiers, person={}, last_observed_at=none,
    ended_at=none, has_consent='true', record_connection='connection', id_connection='connection'
) -%}
    {%- set types = identifiers.keys() | list -%}
    select
        connection,
        {{ source_system_of('connection') }} as source_system,
        _load_id,
        record_connection,
        '{{ record_kind }}' as record_kind,
        record_id,
        identifier.name as identifier_type,
        case
            when identifier.name in ('{{ identifiers_given_out() | join("', '") }}') then id_connection
        end as id_connection,
        identifier.value as identifier_value,
        country_code,
        first_name,
        last_name,
        birth_date,
        observed_at,
        last_observed_at,
        ended_at,
        has_consent
    from (
        select
            connection,
            _load_id,
            {{ record_connection or as_text('null') }} as record_connection,
            {{ id_connection or as_text('null') }} as id_connection,
            record_id,
            {%- for name in ['country_code', 'first_name', 'last_name', 'birth_date'] %}
            {{ name }},
            {%- endfor %}
            observed_at,
            last_observed_at,
            ended_at,
            has_consent,
            {{ explode(named_values(types)) }} as identifier
        from (
            select
                connection,
                _load_id,
                {{ record_id }} as record_id,
                {%- for type, expression in identifiers.items() %}
                {{ expression }} as {{ type }},
                {%- endfor %}
                {%- for name in ['country_code', 'first_name', 'last_name', 'birth_date'] %}
                {{ person[name] if name in person else as_text('null') }} as {{ name }},
                {%- endfor %}
                {{ observed_at }} as observed_at,
                {{ last_observed_at or observed_at }} as last_observed_at,
                {{ ended_at or 'cast(null as timestamp)' }} as ended_at,
                {{ has_consent }} as has_consent
            from {{ relation }}
        ) as records
    ) as seen
    where record_id is not null and identifier.value is not null
{%- endmacro %}
