{#- Parsing a payload once, into a struct of just the fields that a model reads. The shape is a
    dictionary as the payload nests: what a value is (macros/faults.sql), a dictionary for an object, a list of
    one for an array. Every value comes out as text; a missing field or a wrong shape as null, and a payload that
    is no JSON as nothing but nulls. An object of which nobody knows the names beforehand is a `map`: `map_entries`
    makes it an array of {key, value}. Of a number the value is kept, not the spelling: DuckDB makes 12.3 of 12.30. -#}

{% macro json_record(column, shape) -%}
    {{- adapter.dispatch('json_record', 'o2o')(column, shape) -}}
{%- endmacro %}

{#- `try` costs nothing until a payload is none: only then are its neighbours parsed one by one. -#}
{% macro duckdb__json_record(column, shape) -%}
    try(from_json({{ column }}, '{{ duckdb_json_type(shape) }}'))
{%- endmacro %}

{% macro duckdb_json_type(shape) -%}
    {%- if shape == 'map' -%}
        "map(varchar, varchar)"
    {%- elif shape is string -%}
        "varchar"
    {%- elif shape is mapping -%}
        {
        {%- for name, inner in shape.items() -%}
            "{{ name }}": {{ duckdb_json_type(inner) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
        }
    {%- else -%}
        [{{ duckdb_json_type(shape[0]) }}]
    {%- endif -%}
{%- endmacro %}

{% macro spark__json_record(column, shape) -%}
    from_json({{ column }}, '{{ o2o.spark_json_type(shape) }}')
{%- endmacro %}

{% macro spark_json_type(shape) -%}
    {%- if shape == 'map' -%}
        map<string, string>
    {%- elif shape is string -%}
        string
    {%- elif shape is mapping -%}
        struct<
        {%- for name, inner in shape.items() -%}
            `{{ name }}`: {{ o2o.spark_json_type(inner) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
        >
    {%- else -%}
        array<{{ o2o.spark_json_type(shape[0]) }}>
    {%- endif -%}
{%- endmacro %}

{#- One output row per element of an array, in the select list. -#}
{% macro explode(array) -%}
    {{- adapter.dispatch('explode', 'o2o')(array) -}}
{%- endmacro %}

{% macro duckdb__explode(array) -%}
    unnest({{ array }})
{%- endmacro %}

{% macro spark__explode(array) -%}
    explode({{ array }})
{%- endmacro %}

{% macro first_element(array) -%}
    {{- adapter.dispatch('first_element', 'o2o')(array) -}}
{%- endmacro %}

{% macro duckdb__first_element(array) -%}
    list_extract({{ array }}, 1)
{%- endmacro %}

{% macro spark__first_element(array) -%}
    get({{ array }}, 0)
{%- endmacro %}

{#- Both arrays' elements; a null array counts as an empty one. -#}
{% macro concat_arrays(first, second) -%}
    {{- adapter.dispatch('concat_arrays', 'o2o')(first, second) -}}
{%- endmacro %}

{% macro duckdb__concat_arrays(first, second) -%}
    list_concat({{ first }}, {{ second }})
{%- endmacro %}

{% macro spark__concat_arrays(first, second) -%}
    coalesce(concat({{ first }}, {{ second }}), {{ first }}, {{ second }}, array())
{%- endmacro %}

{#- Whether two arrays have an element in common. -#}
{% macro overlap(first, second) -%}
    {{- adapter.dispatch('overlap', 'o2o')(first, second) -}}
{%- endmacro %}

{% macro duckdb__overlap(first, second) -%}
    list_has_any({{ first }}, {{ second }})
{%- endmacro %}

{% macro spark__overlap(first, second) -%}
    arrays_overlap({{ first }}, {{ second }})
{%- endmacro %}

{% macro element_count(array) -%}
    {{- adapter.dispatch('element_count', 'o2o')(array) -}}
{%- endmacro %}

{% macro duckdb__element_count(array) -%}
    coalesce(len({{ array }}), 0)
{%- endmacro %}

{% macro spark__element_count(array) -%}
    coalesce(array_size({{ array }}), 0)
{%- endmacro %}

{#- The `value` of the first {key, value} pair with this key: how vendors tell parameters and attributes. -#}
{% macro value_of_key(pairs, key) -%}
    {{- adapter.dispatch('value_of_key', 'o2o')(pairs, key) -}}
{%- endmacro %}

{% macro duckdb__value_of_key(pairs, key) -%}
    list_extract(list_filter({{ pairs }}, lambda pair: pair.key = '{{ key }}'), 1).value
{%- endmacro %}

{% macro spark__value_of_key(pairs, key) -%}
    get(filter({{ pairs }}, pair -> pair.key = '{{ key }}'), 0).value
{%- endmacro %}

{#- The same where the value is a text, or a whole number in its own field: an exporter that guesses types writes 42
    as either. -#}
{% macro text_of_key(pairs, key) -%}
    coalesce({{ value_of_key(pairs, key) }}.string_value, {{ value_of_key(pairs, key) }}.int_value)
{%- endmacro %}

{#- The columns of a row as an array of {name, value}; all of one type. -#}
{% macro named_values(columns) -%}
    {{- adapter.dispatch('named_values', 'o2o')(columns) -}}
{%- endmacro %}

{% macro duckdb__named_values(columns) -%}
    [
    {%- for column in columns -%}
        struct_pack("name" := '{{ column.split('.') | last }}', "value" := {{ column }}){{ ', ' if not loop.last }}
    {%- endfor -%}
    ]
{%- endmacro %}

{% macro spark__named_values(columns) -%}
    array(
    {%- for column in columns -%}
        named_struct('name', '{{ column.split('.') | last }}', 'value', {{ column }}){{ ', ' if not loop.last }}
    {%- endfor -%}
    )
{%- endmacro %}

{#- The elements of an array, each made into something else: `made` is an expression of `element`, or of another
    name where the array is within an element itself. -#}
{% macro map_elements(array, made, each='element') -%}
    {{- adapter.dispatch('map_elements', 'o2o')(array, made, each) -}}
{%- endmacro %}

{% macro duckdb__map_elements(array, made, each) -%}
    list_transform({{ array }}, lambda {{ each }}: {{ made }})
{%- endmacro %}

{% macro spark__map_elements(array, made, each) -%}
    transform({{ array }}, {{ each }} -> {{ made }})
{%- endmacro %}

{#- The elements of an array that meet a condition of `element`. -#}
{% macro filter_elements(array, condition) -%}
    {{- adapter.dispatch('filter_elements', 'o2o')(array, condition) -}}
{%- endmacro %}

{% macro duckdb__filter_elements(array, condition) -%}
    list_filter({{ array }}, lambda element: {{ condition }})
{%- endmacro %}

{% macro spark__filter_elements(array, condition) -%}
    filter({{ array }}, element -> {{ condition }})
{%- endmacro %}

{#- Whether any element of an array meets a condition of `each`. -#}
{% macro any_element(array, condition, each) -%}
    {{- adapter.dispatch('any_element', 'o2o')(array, condition, each) -}}
{%- endmacro %}

{% macro duckdb__any_element(array, condition, each) -%}
    len(list_filter({{ array }}, lambda {{ each }}: {{ condition }})) > 0
{%- endmacro %}

{% macro spark__any_element(array, condition, each) -%}
    exists({{ array }}, {{ each }} -> {{ condition }})
{%- endmacro %}

{#- The texts of an array, those that are not null, with a separator between. -#}
{% macro joined_elements(array, separator) -%}
    {{- adapter.dispatch('joined_elements', 'o2o')(array, separator) -}}
{%- endmacro %}

{% macro duckdb__joined_elements(array, separator) -%}
    array_to_string({{ array }}, {{ separator }})
{%- endmacro %}

{% macro spark__joined_elements(array, separator) -%}
    array_join({{ array }}, {{ separator }})
{%- endmacro %}

{#- The sum over an array, exact: `added` is an expression of `part`, an element. 0 without any. -#}
{% macro sum_elements(array, added) -%}
    {{- adapter.dispatch('sum_elements', 'o2o')(array, 'try_cast(' ~ added ~ ' as decimal(28, 8))') -}}
{%- endmacro %}

{% macro duckdb__sum_elements(array, added) -%}
    coalesce(list_sum(list_transform({{ array }}, lambda part: {{ added }})), 0)
{%- endmacro %}

{% macro spark__sum_elements(array, added) -%}
    coalesce(aggregate(
        {{ array }},
        cast(0 as decimal(28, 8)),
        (total, part) -> cast(total + coalesce({{ added }}, 0) as decimal(28, 8))
    ), 0)
{%- endmacro %}

{#- An aggregate: the group's values as an array, in the order of a column. -#}
{% macro array_in_order(expression, column) -%}
    {{- adapter.dispatch('array_in_order', 'o2o')(expression, column) -}}
{%- endmacro %}

{% macro duckdb__array_in_order(expression, column) -%}
    list({{ expression }} order by {{ column }})
{%- endmacro %}

{% macro spark__array_in_order(expression, column) -%}
    transform(
        array_sort(collect_list(named_struct('place', {{ column }}, 'held', {{ expression }}))),
        element -> element.held
    )
{%- endmacro %}

{#- An object of a dictionary: an expression, or a dictionary again, by name. -#}
{% macro json_object(fields) -%}
    {{- adapter.dispatch('json_object', 'o2o')(fields) -}}
{%- endmacro %}

{% macro duckdb__json_object(fields) -%}
    struct_pack(
    {%- for name, held in fields.items() -%}
        "{{ name }}" := {{ o2o.json_object(held) if held is mapping else held }}{{ ', ' if not loop.last }}
    {%- endfor -%}
    )
{%- endmacro %}

{% macro spark__json_object(fields) -%}
    named_struct(
    {%- for name, held in fields.items() -%}
        '{{ name }}', {{ o2o.json_object(held) if held is mapping else held }}{{ ', ' if not loop.last }}
    {%- endfor -%}
    )
{%- endmacro %}

{#- An object as the text of a payload. -#}
{% macro json_text(fields) -%}
    cast(to_json({{ json_object(fields) }}) as {{ adapter.dispatch('text_type', 'o2o')() }})
{%- endmacro %}
