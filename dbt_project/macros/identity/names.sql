{#- Whether names and birth dates speak for one person or against it (identifiers/names.py). `one` and `other` are
    relations with the columns of `who_columns`, and those of `with_likeness`. -#}

{#- What is known of who a record is of: keyed hashes, and which of a family's namesakes. -#}
{% macro who_columns() -%}
    {{- return(['given_name_hash', 'family_name_hash', 'birth_date_hash', 'generation']) -}}
{%- endmacro %}

{#- The same, of a relation. -#}
{% macro who_of(relation) -%}
    {%- for column in who_columns() -%}
        {{ relation }}.{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- `relation` with the keys by which each name finds those that it may be. -#}
{% macro with_likeness(relation) -%}
    select
        who.*,
        {%- for name in ['given_name', 'family_name', 'birth_date'] %}
        {{ name }}s.offered as {{ name }}_offered,
        {{ name }}s.accepted as {{ name }}_accepted{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }} as who
    {%- for name in ['given_name', 'family_name', 'birth_date'] %}
    left join {{ ref('int_identity__names') }} as {{ name }}s
        on {{ name }}s.attribute_name = '{{ name }}' and who.{{ name }}_hash = {{ name }}s.name_hash
    {%- endfor %}
{%- endmacro %}

{#- True, false, or null where one of them has no such name. -#}
{% macro agree(name, one, other) -%}
    case
        when {{ one }}.{{ name }}_hash is null or {{ other }}.{{ name }}_hash is null then null
        when {{ one }}.{{ name }}_hash = {{ other }}.{{ name }}_hash then true
        else
            coalesce({{ overlap(one ~ '.' ~ name ~ '_offered', other ~ '.' ~ name ~ '_accepted') }}, false)
            or coalesce({{ overlap(other ~ '.' ~ name ~ '_offered', one ~ '.' ~ name ~ '_accepted') }}, false)
    end
{%- endmacro %}

{#- Given and family name stand in each other's field. -#}
{% macro exchanged(one, other) -%}
    coalesce(
        {{ overlap(one ~ '.given_name_offered', other ~ '.family_name_accepted') }}
        and {{ overlap(one ~ '.family_name_accepted', other ~ '.given_name_offered') }},
        false
    )
{%- endmacro %}

{#- What is one's own, such as an address, outlives a marriage: where given names agree, family names may differ. -#}
{% macro contradict(one, other) -%}
    (
        (
            not coalesce({{ agree('given_name', one, other) }}, {{ agree('family_name', one, other) }}, true)
            and not {{ exchanged(one, other) }}
        )
        or not coalesce({{ agree('birth_date', one, other) }}, true)
        or coalesce({{ one }}.generation <> {{ other }}.generation, false)
    )
{%- endmacro %}

{#- What a family shares, such as a phone, says nothing of who it is: either name may contradict, and so may a Jr. -#}
{% macro contradict_in_a_family(one, other) -%}
    (
        (
            not (
                coalesce({{ agree('given_name', one, other) }}, true)
                and coalesce({{ agree('family_name', one, other) }}, true)
            )
            and not {{ exchanged(one, other) }}
        )
        or not coalesce({{ agree('birth_date', one, other) }}, true)
        or coalesce({{ one }}.generation, 1) <> coalesce({{ other }}.generation, 1)
    )
{%- endmacro %}

{#- Both names are known of both, and agree. -#}
{% macro confirm(one, other) -%}
    (
        (
            coalesce({{ agree('given_name', one, other) }} and {{ agree('family_name', one, other) }}, false)
            or {{ exchanged(one, other) }}
        )
        and coalesce({{ agree('birth_date', one, other) }}, true)
    )
{%- endmacro %}
