{#- What surveys are told beside the answers (hidden fields, custom variables), and what their questions ask. -#}

{#- What the fields of `rows` mean, by what ships and what the company says, which wins: one row per `id`. `fields` is a
    map. -#}
{% macro survey_context(rows, id, fields) -%}
    {%- set meanings = ['order_name', 'store_code', 'customer_id', 'email', 'phone', 'channel', 'test'] -%}
    select
        told.connection,
        told.{{ id }}
        {%- for meaning in meanings %},
        max(case when named.meaning = '{{ meaning }}' then nullif(trim(told.field.value), '') end) as {{ meaning }}
        {%- endfor %}
    from (
        select
            connection,
            {{ id }},
            {{ explode('map_entries(' ~ fields ~ ')') }} as field
        from {{ rows }}
    ) as told
    inner join (
        select
            field,
            meaning,
            row_number() over (partition by field order by place, meaning) as rank_of_field
        from (
            select
                lower(field) as field,
                meaning,
                1 as place
            from {{ ref('stg_o2o__company_rows') }}
            where table_name = 'survey_fields'
            union all
            select
                field,
                meaning,
                2 as place
            from {{ ref('survey_fields') }}
        ) as said
    ) as named
        on lower(told.field.key) = named.field and named.rank_of_field = 1
    group by told.connection, told.{{ id }}
{%- endmacro %}

{#- What the company says its questions ask: nps, csat, ces, …; one row per connection, survey and question. -#}
{% macro survey_questions() -%}
    select
        connection,
        survey_id,
        question_id,
        question_kind
    from {{ ref('stg_o2o__company_rows') }}
    where table_name = 'survey_questions'
{%- endmacro %}

{#- A number on a scale, as the contract has it. -#}
{% macro score(expression) -%}
    cast({{ expression }} as decimal(9, 3))
{%- endmacro %}
