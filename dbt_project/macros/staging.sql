{#- What kind of stream a model stages; the first line of each. An incremental run replaces the rows of
    the same key, or the whole days, that newer loads bring. -#}

{% macro entity_stream(key) -%}
    {{- adapter.dispatch('staging_config', 'o2o')(key) -}}
{%- endmacro %}

{% macro report_stream(day) -%}
    {{- adapter.dispatch('staging_config', 'o2o')(day) -}}
{%- endmacro %}

{% macro duckdb__staging_config(key) -%}
    {{- config(unique_key=key, incremental_strategy='delete+insert') -}}
{%- endmacro %}

{#- Plain Parquet tables know no merge: an incremental run overwrites whole parts of them. -#}
{% macro spark__staging_config(key) -%}
    {{- config(unique_key=key, incremental_strategy='insert_overwrite', partition_by='table_part') -}}
{%- endmacro %}

{#- Which landed rows are the truth now. Both macros read every load of the keys (or days) that the
    loads since the last run touch, and rank them the same way as a full refresh does: so the result
    never depends on when a run happened to look. -#}

{#- Entity streams: the newest version of each key. The vendor's own clock decides; a load that was
    fetched early but committed late does not bring an old version back. -#}
{% macro newest_per_key(source_name, stream) -%}
    select
        _key,
        _payload,
        _load_id,
        _extracted_at
    from (
        select
            _key,
            _payload,
            _load_id,
            _extracted_at,
            row_number() over (
                partition by _key
                order by {{ utc_or_null('_cursor') }} desc nulls last, _load_id desc, _payload desc
            ) as recency
        from {{ landed(source_name, stream) }}
        where _key is not null
        {%- if is_incremental() %}
            and _key in (
                select new_rows._key
                from {{ landed(source_name, stream) }} as new_rows
                where new_rows._load_id > (select coalesce(max(_load_id), '') from {{ this }})
            )
        {%- endif %}
    ) as ranked
    where recency = 1
{%- endmacro %}

{#- What this warehouse computed, or reads whole: each load is all there is, so the newest counts and only
    that. A load of nothing is a row without a key. -#}
{% macro newest_load(source_name, stream) -%}
    select
        _key,
        _payload,
        _load_id,
        _extracted_at
    from {{ landed(source_name, stream) }}
    where
        _load_id = (select max(loads._load_id) from {{ landed(source_name, stream) }} as loads)
        and _key is not null
{%- endmacro %}

{#- Report streams: each day as the newest load that covers it has it. A day that the vendor emptied
    is one row without key and payload, the marker that the load left. `day` is its column here. -#}
{% macro newest_per_day(source_name, stream, day) -%}
    select
        covered._cursor,
        covered._key,
        max(covered._payload) as _payload,
        covered._load_id,
        max(covered._extracted_at) as _extracted_at
    from {{ landed(source_name, stream) }} as covered
    inner join (
        select
            covering._cursor,
            max(covering._load_id) as _load_id
        from {{ landed(source_name, stream) }} as covering
        {%- if is_incremental() %}
        {#- Day by day, because an engine without transactions may have been stopped between two. #}
        left join (
            select
                {{ as_text(day) }} as staged_day,
                max(_load_id) as staged_load_id
            from {{ this }}
            group by {{ day }}
        ) as staged
            on covering._cursor = staged.staged_day
        where staged.staged_load_id is null or covering._load_id > staged.staged_load_id
        {%- endif %}
        group by covering._cursor
    ) as newest
        on covered._cursor = newest._cursor and covered._load_id = newest._load_id
    group by covered._cursor, covered._key, covered._load_id
{%- endmacro %}

{#- The last statement of a model: `rows` are new, or newer than what stands. -#}
{% macro staged_entities(rows, key) -%}
    {{- adapter.dispatch('staged', 'o2o')(rows, key, "'all'") -}}
{%- endmacro %}

{% macro staged_days(rows, day) -%}
    {{- adapter.dispatch('staged', 'o2o')(rows, day, "date_format(" ~ day ~ ", 'yyyy-MM')") -}}
{%- endmacro %}

{% macro duckdb__staged(rows, key, part) -%}
    select * from {{ rows }}
{%- endmacro %}

{#- A part is a month of a report, or all of an entity stream, since nobody can say where its changes
    are. What stands in a part that is overwritten, and is not replaced, is written again. Rebalanced,
    because every task would write a small file into every part. -#}
{% macro spark__staged(rows, key, part) -%}
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
        left anti join {{ rows }} as newer on standing.{{ key }} = newer.{{ key }}
        where standing.table_part in (select {{ part }} from {{ rows }})
        {%- endif %}
    )
{%- endmacro %}
