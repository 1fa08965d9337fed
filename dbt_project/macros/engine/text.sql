{#- Text: types, patterns and hashes. Patterns are the common subset of RE2 and Java. -#}

{% macro as_text(expression) -%}
    cast({{ expression }} as {{ adapter.dispatch('text_type', 'o2o')() }})
{%- endmacro %}

{% macro duckdb__text_type() -%}
    varchar
{%- endmacro %}

{% macro spark__text_type() -%}
    string
{%- endmacro %}

{% macro matches(text, pattern) -%}
    {{- adapter.dispatch('matches', 'o2o')(text, pattern) -}}
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    {{ text }} rlike {{ pattern }}
{%- endmacro %}

{#- The first match's first group, null without a match. -#}
{% macro extract_pattern(text, pattern) -%}
    {{- adapter.dispatch('extract_pattern', 'o2o')(text, pattern) -}}
{%- endmacro %}

{% macro duckdb__extract_pattern(text, pattern) -%}
    nullif(regexp_extract({{ text }}, '{{ pattern }}', 1), '')
{%- endmacro %}

{#- Raw literals: Spark reads a backslash in a plain one as an escape. -#}
{% macro spark__extract_pattern(text, pattern) -%}
    nullif(regexp_extract({{ text }}, r'{{ pattern }}', 1), '')
{%- endmacro %}

{% macro replace_pattern(text, pattern, replacement) -%}
    {{- adapter.dispatch('replace_pattern', 'o2o')(text, pattern, replacement) -}}
{%- endmacro %}

{% macro duckdb__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, r'{{ pattern }}', '{{ replacement }}')
{%- endmacro %}

{#- A surrogate key. Give numbers, text and dates only: engines print timestamps differently. -#}
{% macro hash_key(expressions) -%}
    md5(concat_ws('|'
    {%- for expression in expressions %}, coalesce({{ as_text(expression) }}, ''){% endfor %}))
{%- endmacro %}

{#- A hash of a personal identifier that nobody can rebuild without the key: phone numbers are few
    enough to try them all against a plain hash. -#}
{% macro keyed_hash(expression) -%}
    {{- adapter.dispatch('keyed_hash', 'o2o')("concat(" ~ identity_key() ~ ", '|', " ~ expression ~ ")") -}}
{%- endmacro %}

{% macro duckdb__keyed_hash(expression) -%}
    sha256({{ expression }})
{%- endmacro %}

{% macro spark__keyed_hash(expression) -%}
    sha2({{ expression }}, 256)
{%- endmacro %}

{#- The key itself, as a variable of the session: it is in no compiled SQL and in nothing that dbt keeps of it. -#}
{% macro identity_key() -%}
    {{- adapter.dispatch('identity_key', 'o2o')() -}}
{%- endmacro %}

{% macro duckdb__identity_key() -%}
    coalesce(getvariable('o2o_identity_key'), error('O2O_IDENTITY_KEY is not set'))
{%- endmacro %}

{% macro spark__identity_key() -%}
    session.o2o_identity_key
{%- endmacro %}

{#- An aggregate: the text of a group's rows, in the order of `columns`, with a separator between. -#}
{% macro joined_in_order(text, columns, separator) -%}
    {{- adapter.dispatch('joined_in_order', 'o2o')(text, columns, separator) -}}
{%- endmacro %}

{% macro duckdb__joined_in_order(text, columns, separator) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__joined_in_order(text, columns, separator) -%}
    array_join(
        transform(
            array_sort(collect_list(named_struct(
            {%- for column in columns -%}
                'order_{{ loop.index }}', {{ column }},{{ ' ' }}
            {%- endfor -%}
                'text', {{ text }}
            ))),
            element -> element.text
        ),
        '{{ separator }}'
    )
{%- endmacro %}

{#- Text of an address as it was meant. Text that nobody encoded, or wrongly, stays. -#}
{% macro url_decoded(text) -%}
    case
        when {{ matches(text, "'^([^%]|%[0-9a-fA-F]{2})*$'") }}
            then coalesce({{ adapter.dispatch('url_decode', 'o2o')(text) }}, {{ text }})
        else {{ text }}
    end
{%- endmacro %}

{% macro duckdb__url_decode(text) -%}
    try(url_decode({{ text }}))
{%- endmacro %}

{#- To Spark a plus would be a blank. -#}
{% macro spark__url_decode(text) -%}
    try_url_decode(replace({{ text }}, '+', '%2B'))
{%- endmacro %}
