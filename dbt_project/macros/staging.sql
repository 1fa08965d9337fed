{#- What kind of stream a model stages; the first line of each. An incremental run replaces the rows of
    the same connection and key, or the whole days of a connection, that newer loads bring. -#}

{% macro entity_stream(key='_key') -%}
    {{- rows_replaced_by(['connection', key]) -}}
{%- endmacro %}

{% macro report_stream(day) -%}
    {{- rows_replaced_by(['connection', day]) -}}
{%- endmacro %}

{% macro rows_replaced_by(keys) -%}
    {{- adapter.dispatch('rows_replaced_by', 'o2o')(keys) -}}
{%- endmacro %}

{#- One text: of a list the adapter makes a join, which pairs all old rows of a day with all new ones. -#}
{% macro duckdb__rows_replaced_by(keys) -%}
    {{- config(
        unique_key=keys | join(', '), incremental_strategy='delete+insert', pre_hook="{{ o2o.forget_existing() }}"
    ) -}}
{%- endmacro %}

{#- Tables that another loader keeps are read whole by each run: they tell neither which rows came late nor which
    are gone. So what stands of them goes first. -#}
{% macro forget_existing() -%}
    {%- if is_incremental() and existing_tables() -%}
        delete from {{ this }} where not {{ landed_here('connection') }}
    {%- endif -%}
{%- endmacro %}

{% macro landed_here(connection) -%}
    {%- if existing_tables() -%}
        ({{ connection }} not in ('{{ existing_tables() | join("', '") }}'))
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Plain Parquet tables know no merge: an incremental run overwrites whole parts of them. -#}
{% macro spark__rows_replaced_by(keys) -%}
    {{- config(unique_key=keys, incremental_strategy='insert_overwrite', partition_by='table_part') -}}
{%- endmacro %}

{#- Which landed rows are the truth now. Both macros read every load of the keys (or days) that the
    loads since the last run touch, and rank them the same way as a full refresh does: so the result
    never depends on when a run happened to look. Each connection is as far as its own loads are. -#}

{#- Entity streams: the newest version of each key. The vendor's own clock decides; a load that was
    fetched early but committed late does not bring an old version back. -#}
{% macro newest_per_key(source_name, stream) -%}
    select
        connection,
        _key,
        _cursor,
        _payload,
        _load_id,
        _extracted_at
    from ({{ versions_per_key(source_name, stream) }}) as ranked
    where recency = 1
{%- endmacro %}

{#- All versions of these keys that landed; the newest is the first by `recency`. -#}
{% macro versions_per_key(source_name, stream) -%}
    select
        connection,
        _key,
        _cursor,
        _payload,
        _load_id,
        _extracted_at,
        row_number() over (
            partition by connection, _key
            order by {{ utc('_cursor') }} desc nulls last, _load_id desc, _payload desc
        ) as recency
    from {{ landed(source_name, stream) }} as versions
    where _key is not null
    {%- if is_incremental() %}
        and (connection, _key) in (
            select
                new_rows.connection,
                new_rows._key
            from {{ landed(source_name, stream) }} as new_rows
            left join (
                select
                    connection,
                    max(_load_id) as staged_load_id
                from {{ this }}
                where {{ landed_here('connection') }}
                group by connection
            ) as staged
                on new_rows.connection = staged.connection
            where new_rows._load_id > coalesce(staged.staged_load_id, '')
        )
    {%- endif %}
{%- endmacro %}

{#- Streams of readings, as of a stock: each version tells of its own moment, so all that landed stay. -#}
{% macro readings_per_key(source_name, stream) -%}
    {{- versions_per_key(source_name, stream) -}}
{%- endmacro %}

{#- Of `rows` with the recency of readings_per_key one for each key and moment, the newest. An older one that cannot be
    read was corrected since. -#}
{% macro one_per_reading(rows, moment) -%}
    select * from (
        select
            *,
            row_number() over (partition by connection, _key, {{ moment }} order by recency) as place
        from {{ rows }}
        where recency = 1 or {{ is_sound() }}
    ) as ranked
    where place = 1
{%- endmacro %}

{#- Versions with `changed_at`: when each became what it is. Where no update time tells of a change, it was seen when
    it landed. -#}
{% macro dated_versions(versions) -%}
    select
        *,
        case when updated_at > updated_before then updated_at else _extracted_at end as changed_at
    from (
        select
            *,
            lag(updated_at) over (partition by connection, _key order by recency desc) as updated_before
        from {{ versions }}
    ) as compared
{%- endmacro %}

{#- By which addresses and numbers each `key` was reached, and when: one row per key and stretch of time in which none of
    `contacts` changed. `versions` has them, recency, created_at and changed_at. -#}
{% macro contacts_in_time(versions, key, contacts) -%}
    {%- set told = hash_key(contacts) -%}
    select
        connection,
        {{ key }},
        stretch,
        {%- for contact in contacts %}
        {{ contact }},
        {%- endfor %}
        case when stretch = 0 then min(created_at) else min(changed_at) end as held_from,
        lead(min(changed_at)) over (partition by connection, {{ key }} order by stretch) as ended_at,
        max(_load_id) as _load_id,
        max(_extracted_at) as _extracted_at
    from (
        select
            *,
            cast(
                sum(change) over (
                    partition by connection, {{ key }}
                    order by recency desc
                    rows between unbounded preceding and current row
                ) as integer
            ) as stretch
        from (
            select
                *,
                case
                    when {{ told }} <> lag({{ told }}) over (partition by connection, {{ key }} order by recency desc)
                        then 1
                    else 0
                end as change
            from {{ versions }}
            where {{ is_sound() }}
        ) as compared
    ) as stretched
    group by connection, {{ key }}, stretch, {{ contacts | join(', ') }}
{%- endmacro %}

{#- What this warehouse computed, or reads whole: each load is all there is, so the newest counts and only
    that. A load of nothing is a row without a key. -#}
{% macro newest_load(source_name, stream) -%}
    select
        _key,
        _payload,
        _load_id,
        _extracted_at
    from {{ landed(source_name, stream) }} as newest
    where
        _load_id = (select max(loads._load_id) from {{ landed(source_name, stream) }} as loads)
        and _key is not null
{%- endmacro %}

{#- Report streams: each day as the newest load that covers it has it. A day that the vendor emptied
    is one row without key and payload, the marker that the load left. `day` is its column here. -#}
{% macro newest_per_day(source_name, stream, day) -%}
    select
        covered.connection,
        covered._cursor,
        covered._key,
        max(covered._payload) as _payload,
        covered._load_id,
        max(covered._extracted_at) as _extracted_at
    from {{ landed(source_name, stream) }} as covered
    inner join (
        select
            covering.connection,
            covering._cursor,
            max(covering._load_id) as _load_id
        from {{ landed(source_name, stream) }} as covering
        {%- if is_incremental() %}
        {#- Day by day, because an engine without transactions may have been stopped between two. #}
        left join (
            select
                connection,
                {{ as_text(day) }} as staged_day,
                max(_load_id) as staged_load_id
            from {{ this }}
            where {{ landed_here('connection') }}
            group by connection, {{ day }}
        ) as staged
            on covering.connection = staged.connection and covering._cursor = staged.staged_day
        where staged.staged_load_id is null or covering._load_id > staged.staged_load_id
        {%- endif %}
        group by covering.connection, covering._cursor
    ) as newest
        on
            covered.connection = newest.connection
            and covered._cursor = newest._cursor
            and covered._load_id = newest._load_id
    group by covered.connection, covered._cursor, covered._key, covered._load_id
{%- endmacro %}

{#- The last statement of a model: `rows` are new, or newer than what stands. -#}
{% macro staged_entities(rows, key='_key') -%}
    {{- replacing(rows, ['connection', key]) -}}
{%- endmacro %}

{% macro staged_days(rows, day) -%}
    {{- replacing(rows, ['connection', day], "date_format(" ~ day ~ ", 'yyyy-MM')") -}}
{%- endmacro %}

{% macro replacing(rows, keys, part="'all'") -%}
    {{- adapter.dispatch('replacing', 'o2o')(rows, keys, part) -}}
{%- endmacro %}

{% macro duckdb__replacing(rows, keys, part) -%}
    select * from {{ rows }}
{%- endmacro %}

{#- A part is a month of a report, or all of an entity stream, since nobody can say where its changes
    are. What stands in a part that is overwritten, and is not replaced, is written again. Rebalanced,
    because every task would write a small file into every part. -#}
{% macro spark__replacing(rows, keys, part) -%}
    select /*+ rebalance(table_part) */ *
    from (
        select
            *,
            {{ part }} as table_part
        from {{ rows }}
        {%- if is_incremental() %}
        union all
        select standing.*
        from {{ this }} as standing
        left anti join {{ rows }} as newer
            on {% for key in keys %}standing.{{ key }} = newer.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
        where
            {{ landed_here('standing.connection') }}
            and standing.table_part in (select {{ part }} from {{ rows }})
        {%- endif %}
    )
{%- endmacro %}
