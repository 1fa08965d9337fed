{#- Which landed rows are the truth now. Both read every load of the keys (or days) that the loads
    since the last run touch, and rank them the same way as a full refresh does: so the result never
    depends on when a run happened to look. -#}

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

{#- Report streams: each day as the newest load that covers it has it. A day that the vendor emptied
    is one row without key and payload, the marker that the load left. -#}
{% macro newest_per_day(source_name, stream) -%}
    select
        covered._cursor,
        covered._key,
        max(covered._payload) as _payload,
        covered._load_id,
        max(covered._extracted_at) as _extracted_at
    from {{ landed(source_name, stream) }} as covered
    inner join (
        select
            _cursor,
            max(_load_id) as _load_id
        from {{ landed(source_name, stream) }}
        {%- if is_incremental() %}
        where
            _cursor in (
                select new_rows._cursor
                from {{ landed(source_name, stream) }} as new_rows
                where new_rows._load_id > (select coalesce(max(_load_id), '') from {{ this }})
            )
        {%- endif %}
        group by _cursor
    ) as newest
        on covered._cursor = newest._cursor and covered._load_id = newest._load_id
    group by covered._cursor, covered._key, covered._load_id
{%- endmacro %}
