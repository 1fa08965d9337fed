{#- One odd record stops nobody. What a payload's values are, the shape that a model reads it by says:

        text, map, time, day, zone, wall_clock, whole, count, minor, amount, grouped, rate, flag, microseconds, milliseconds
        amount!     must be there, or the record is none
        time?       may be left out of the record if it cannot be read

    A record with a value that is not what it should be is set aside: its row stands in the model's table with
    what was wrong in `_faults`, and whoever reads the model by `staged` does not see it. A value marked ? is
    null instead and noted. An empty text is no value, nor is a lone dash where a number, time or flag should
    be: vendors write it for none. int_records__faults has the faults of all models, and
    not the values: they may be personal. The newest version of a record counts, whether it can be read or not: an
    old one that stands in its place would be a figure that nobody knows is old. -#}

{% macro read_as(kind, text) -%}
    {%- set readers = {
        'time': utc, 'day': day, 'zone': zone, 'wall_clock': wall_clock, 'whole': whole, 'count': counted, 'minor': minor, 'amount': amount, 'grouped': grouped,
        'rate': rate, 'flag': flag, 'microseconds': microseconds_since_1970, 'milliseconds': milliseconds_since_1970,
    } -%}
    {{- readers[kind](text) -}}
{%- endmacro %}

{#- The rows of a stream with the payload opened: `payload`, and `_faults`, null where there are none. -#}
{% macro opened(rows, shape) -%}
    {%- set faults = faults_of(shape, 'payload', '', 0) -%}
    select
        *,
        {%- if faults.told %}
        case
            when _key is not null and {{ is_empty_record(shape) }}
                then 'record|payload|a JSON object|'
            when _key is not null and ({{ faults.conditions | join(' or ') }})
                {#- What sets the record aside comes first. #}
                then concat_ws(chr(10), {{ faults.told | join(', ') }})
        end as _faults
        {%- else %}
        case
            when _key is not null and {{ is_empty_record(shape) }}
                then 'record|payload|a JSON object|'
        end as _faults
        {%- endif %}
    from (
        select
            *,
            {{ json_record('_payload', shape) }} as payload
        from {{ rows }}
    ) as parsed
{%- endmacro %}

{#- Whether nothing of the shape is there: the payload is no JSON, or no object, or somebody else's. -#}
{% macro is_empty_record(shape) -%}
    ({% for name in shape %}payload.{{ adapter.quote(name) }} is null{{ ' and ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#- `conditions` under which something is wrong with what lies at `path`, and `told`: what, one expression of text for
    each, null where nothing is. `depth`: in how many arrays. -#}
{% macro faults_of(shape, path, place, depth) -%}
    {%- set conditions = [] -%}
    {%- set graves = [] -%}
    {%- set notes = [] -%}
    {%- if shape is string and shape not in ('text', 'map') -%}
        {%- set kind = shape | replace('!', '') | replace('?', '') -%}
        {%- set is_missing = "coalesce(" ~ path ~ ", '') = ''" -%}
        {%- set is_unread = read_as(kind, path) ~ ' is null' if kind != 'text' else none -%}
        {%- if not shape.endswith('!') -%}
            {%- set condition = '(' ~ path ~ " not in ('', '-') and " ~ is_unread ~ ')' -%}
        {%- elif is_unread -%}
            {%- set condition = '(' ~ is_missing ~ ' or ' ~ is_unread ~ ')' -%}
        {%- else -%}
            {%- set condition = is_missing -%}
        {%- endif -%}
        {%- set level = 'value' if shape.endswith('?') else 'record' -%}
        {%- do conditions.append(condition) -%}
        {%- do (notes if level == 'value' else graves).append(
            'case when ' ~ condition ~ " then concat('" ~ level ~ '|' ~ place ~ '|' ~ kind ~ "|', "
            ~ form_of(path) ~ ') end'
        ) -%}
    {%- elif shape is string -%}
        {#- Any text is one. #}
    {%- elif shape is mapping -%}
        {%- for name, inner in shape.items() -%}
            {%- set found = faults_of(
                inner, path ~ '.' ~ adapter.quote(name), place ~ ('.' if place) ~ name, depth
            ) -%}
            {%- do conditions.extend(found.conditions) -%}
            {%- do graves.extend(found.graves) -%}
            {%- do notes.extend(found.notes) -%}
        {%- endfor -%}
    {%- else -%}
        {%- set each = 'each_' ~ depth -%}
        {%- set found = faults_of(shape[0], each, place ~ '[]', depth + 1) -%}
        {%- if found.conditions -%}
            {%- do conditions.append(any_element(path, found.conditions | join(' or '), each)) -%}
            {%- for told, kept in ((found.graves, graves), (found.notes, notes)) if told -%}
                {%- set line = 'nullif(concat_ws(chr(10), ' ~ told | join(', ') ~ "), '')" -%}
                {%- do kept.append(
                    "nullif(" ~ joined_elements(map_elements(path, line, each), 'chr(10)') ~ ", '')"
                ) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {{- return({'conditions': conditions, 'graves': graves, 'notes': notes, 'told': graves + notes}) -}}
{%- endmacro %}

{#- What a value looks like, without what it says: 99,99 for 12,50. -#}
{% macro form_of(text) -%}
    {%- set letters = replace_pattern(
        replace_pattern("substring(coalesce(" ~ text ~ ", ''), 1, 40)", '[^-+0-9.,:/ TZ]', 'a'), '[0-9]', '9'
    ) -%}
    {{ letters }}
{%- endmacro %}

{#- Whether a row is a record, and none that is set aside. -#}
{% macro is_sound(faults='_faults') -%}
    ({{ faults }} is null or {{ faults }} not like 'record|%')
{%- endmacro %}

{#- A staging model's records, without those that are set aside: what whoever reads it reads. -#}
{% macro staged(model) -%}
    {%- set relation = ref(model) -%}
    {%- if relation.is_cte -%}
    {#- The rows that a unit test gives. -#}
    {{ relation }}
    {%- else -%}
    (select * from {{ relation }} where {{ is_sound() }})
    {%- endif -%}
{%- endmacro %}

{#- What `caller(model, said)` selects of each model that stages records, `said` being whose stream it is; no row of
    `columns`, name to type, where none does. -#}
{% macro of_all_staged(columns) -%}
    {%- set parts = [] -%}
    {%- for model, said in fromjson(env_var('O2O_STAGED', '{}')).items() -%}
        {%- do parts.append(caller(model, said)) -%}
    {%- endfor -%}
    {%- if parts -%}
    {{ parts | join('\n    union all') }}
    {%- else -%}
    select
        {%- for name, type in columns.items() %}
        cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endif -%}
{%- endmacro %}
