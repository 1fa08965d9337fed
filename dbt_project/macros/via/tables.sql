{#- Tables that another loader keeps, read in place of what we would have landed (docs/existing-tables.md).
    macros/via/<vendor>/<loader>.sql has, for each stream of the vendor, `<loader>__<vendor>__<stream>`: a
    query for (_key, _cursor, _synced, _payload), with the payload in the shape of the vendor's own API. -#}

{% macro existing(said, source_name, stream) -%}
    {%- set made = said.via ~ '__' ~ source_name ~ '__' ~ stream -%}
    {%- if made not in context -%}
    {#- What is not read from the loader's tables: no rows. -#}
    (
        select
            {{ as_text('null') }} as _key,
            {{ as_text('null') }} as _cursor,
            cast(null as timestamp) as _extracted_at,
            {{ as_text('null') }} as _load_id,
            {{ as_text('null') }} as _payload
        where false
    )
    {%- else -%}
    (
        select
            _key,
            _cursor,
            {{ utc('_synced') }} as _extracted_at,
            _synced as _load_id,
            _payload
        from ({{ context[made](said.tables) }}) as made
    )
    {%- endif -%}
{%- endmacro %}

{#- The columns asked for of a table, all as text: the dictionary `columns` tells what each is (text, time, day,
    number); what is none of that stays as it is, and staging sets it aside. A loader makes a table and a column when it first has something for it: null until then, and no
    rows without the table if it is `optional`. Rows that the loader marks as deleted are left out; `deleted` keeps them
    and tells in `_deleted` which they are. -#}
{% macro rows_of(tables, table, columns, optional=false, deleted=false) -%}
    {%- set place = tables | replace('{table}', table) -%}
    {%- set found = existing_columns(place) -%}
    {%- set synced = found._fivetran_synced or found._airbyte_extracted_at or found._airbyte_emitted_at -%}
    {%- if execute and not (synced or (optional and not found)) -%}
        {{- exceptions.raise_compiler_error(
            place ~ (' has no column of its loader (_fivetran_synced, _airbyte_extracted_at)' if found
            else ': there is no such table, or it has no columns')) -}}
    {%- endif -%}
    (
        select
            {% for name, kind in columns.items() -%}
                {{ column_as(found[name], kind) if name in found else as_text('null') }} as {{ adapter.quote(name) }},
            {% endfor -%}
            {%- if deleted %}
            {{ 'coalesce(_fivetran_deleted, false)' if found._fivetran_deleted else 'false' }} as _deleted,
            {%- endif %}
            {{ utc_text(synced) if synced else as_text('null') }} as _synced
        {%- if found %}
        from {{ adapter.dispatch('existing_table', 'o2o')(place) }}
        where true
            {%- if found._fivetran_deleted and not deleted %} and not coalesce(_fivetran_deleted, false){% endif %}
            {%- if found._ab_cdc_deleted_at %} and _ab_cdc_deleted_at is null{% endif %}
        {%- else %}
        where false
        {%- endif %}
    )
{%- endmacro %}

{% macro column_as(column, kind) -%}
    {%- if kind == 'time' -%}
        {{ utc_text(column) }}
    {%- elif kind == 'day' -%}
        coalesce({{ as_text('try_cast(' ~ column ~ ' as date)') }}, {{ as_text(column) }})
    {%- elif kind == 'number' -%}
        coalesce({{ as_text('try_cast(' ~ column ~ ' as decimal(28, 8))') }}, {{ as_text(column) }})
    {%- else -%}
        {{ as_text(column) }}
    {%- endif -%}
{%- endmacro %}

{#- By name in small letters and without dots, the columns of a table as they are quoted. -#}
{% macro existing_columns(place) -%}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- for row in run_query(adapter.dispatch('column_names', 'o2o')(place)) -%}
            {%- do found.update({row[0] | lower | replace('.', '_'): adapter.quote(row[0])}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(found) -}}
{%- endmacro %}

{#- `schema.table`, quoted: a table may be called order. -#}
{% macro existing_relation(place) -%}
    {%- set parts = [] -%}
    {%- for part in place.split('.') -%}
        {%- do parts.append(adapter.quote(part)) -%}
    {%- endfor -%}
    {{- parts | join('.') -}}
{%- endmacro %}

{% macro duckdb__existing_table(place) -%}
    {%- if '/' in place -%}
        read_parquet('{{ place }}', union_by_name = true)
    {%- else -%}
        {{ existing_relation(place) }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__existing_table(place) -%}
    {%- if '/' in place -%}
        parquet.`{{ place }}`
    {%- else -%}
        {{ existing_relation(place) }}
    {%- endif -%}
{%- endmacro %}

{#- A query for the names of a table's columns; for none if it is not there. -#}
{% macro duckdb__column_names(place) -%}
    {%- set parts = place.split('.') -%}
    {%- if '/' not in place -%}
        select column_name from duckdb_columns()
        where table_name = '{{ parts[-1] }}' and schema_name = '{{ parts[-2] }}'
            and database_name = {{ "'" ~ parts[0] ~ "'" if parts | length > 2 else 'current_database()' }}
    {%- elif run_query("select count(*) from glob('" ~ place ~ "')")[0][0] -%}
        select column_name from (describe select * from {{ duckdb__existing_table(place) }})
    {%- else -%}
        select null where false
    {%- endif -%}
{%- endmacro %}

{#- Spark cannot be asked whether there are files: they must be there. -#}
{% macro spark__column_names(place) -%}
    {%- set parts = place.split('.') -%}
    {%- set schema = existing_relation(parts[:-1] | join('.')) -%}
    {%- if '/' in place or run_query('show tables in ' ~ schema ~ " like '" ~ parts[-1] ~ "'") | length -%}
        describe query select * from {{ spark__existing_table(place) }}
    {%- else -%}
        select '' where false
    {%- endif -%}
{%- endmacro %}

{#- A company's own table as a contract. It has the contract's columns by their names: what may be null may be
    missing. `connection` and `source_system` are not the table's to say, and `order_id` is made of them. -#}
{% macro contract_table(columns, connection, said, contract) -%}
    {%- set place = said.tables | replace('{table}', contract) -%}
    {%- set found = existing_columns(place) -%}
    {%- set ours = {
        'connection': "'" ~ connection ~ "'",
        'source_system': "'" ~ said.system ~ "'",
        'order_id': "concat('" ~ connection ~ ":', " ~ found.source_order_id ~ ")" if found.source_order_id else none,
    } -%}
    {%- if execute and not found -%}
        {{- exceptions.raise_compiler_error(place ~ ': there is no such table; ' ~ connection ~ ' names it') -}}
    {%- endif -%}
    {%- set missing = [] -%}
    {%- for column in columns if not (found[column.name] or ours[column.name]) -%}
        {%- if 'not_null' in column.constraints | map(attribute='type') or column.name in model.config.meta.primary_key -%}
            {%- do missing.append(column.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if missing -%}
        {{- exceptions.raise_compiler_error(
            place ~ ' has no column ' ~ missing | join(', ') ~ ', without which there are no ' ~ contract) -}}
    {%- endif %}
    select
        {%- for column in columns %}
        {{ ours[column.name] or (contract_column(found[column.name], column.data_type, column.name) if found[column.name]
            else 'cast(null as ' ~ column.data_type ~ ')') }} as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ adapter.dispatch('existing_table', 'o2o')(place) }}
{%- endmacro %}

{% macro contract_column(column, data_type, name) -%}
    {%- if name == 'time_zone' -%}
        {{ adapter.dispatch('or_error', 'o2o')(column, zone(column), 'a time zone') }}
    {%- elif data_type == 'timestamp' -%}
        {{ adapter.dispatch('or_error', 'o2o')(column, utc(as_text(column)), 'a time') }}
    {%- elif data_type in ('bigint', 'integer') -%}
        {{ adapter.dispatch('or_error', 'o2o')(column, 'cast(' ~ whole(as_text(column)) ~ ' as ' ~ data_type ~ ')', 'a whole number') }}
    {%- else -%}
        cast({{ column }} as {{ data_type }})
    {%- endif -%}
{%- endmacro %}

{#- What a company's own table has is the company's to mend: a reading of it that fails ends the build. -#}
{% macro duckdb__or_error(column, reading, wanted) -%}
    case
        when {{ column }} is null or {{ reading }} is not null then {{ reading }}
        else error(concat('{{ column | replace('"', '') }} must be {{ wanted }}, not ', {{ column }}))
    end
{%- endmacro %}

{% macro spark__or_error(column, reading, wanted) -%}
    case
        when {{ column }} is null or {{ reading }} is not null then {{ reading }}
        else raise_error(concat('{{ column | replace('`', '') }} must be {{ wanted }}, not ', {{ column }}))
    end
{%- endmacro %}
