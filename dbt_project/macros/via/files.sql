{#- What landed of a company's files (docs/files.md). A payload has the columns of the contract already: whoever landed it
    has read each value as what it is, and set aside the rest. The newest version of a record counts:
    of those that the newest description read, the one that says itself that it is newer, or was read later. -#}
{% macro contract_files(columns, connection, system, contract) -%}
    {%- set shape = {'_said_at': 'text', '_at': 'text', '_record': {}, 'deleted': 'text'} -%}
    {%- for kind in record_kinds_of_files() -%}
        {%- do shape._record.update({kind: 'text'}) -%}
    {%- endfor -%}
    {%- for column in columns -%}
        {%- do shape.update({column.name: 'text'}) -%}
    {%- endfor -%}
    {%- set ours = {
        'connection': "'" ~ connection ~ "'",
        'source_system': "'" ~ system ~ "'",
        '_load_id': '_load_id',
        'order_id': "concat('" ~ connection ~ ":', payload.source_order_id)",
        'record_key': record_key_of_files(connection),
        'id_connection': id_connection_of_files(connection),
        'record_connection': "coalesce(payload.record_connection, '" ~ connection ~ "')",
    } %}
    select
        {%- for column in columns %}
        {{ ours[column.name] or landed_column('payload.' ~ adapter.quote(column.name), column.data_type) }} as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            _load_id,
            payload,
            row_number() over (
                partition by _key
                order by payload._said_at desc, payload._at desc, _cursor desc, _load_id desc, _payload desc
            ) as recency
        from (
            select
                *,
                {{ json_record('_payload', shape) }} as payload
            from {{ adapter.dispatch('landed_files', 'o2o')(
                env_var('O2O_LANDING_URL') ~ '/' ~ connection ~ '/' ~ contract ~ '/*.parquet'
            ) }} as landed
            where _key is not null
        ) as versions
    ) as ranked
    where recency = 1 and payload.deleted is null
{%- endmacro %}

{% macro record_kinds_of_files() -%}
    {{- return(['customer', 'contact', 'lead', 'loyalty_account', 'browser', 'app_device']) -}}
{%- endmacro %}

{#- A payload names the kind and the id of the record apart, so that an erasure knows whose the row is. -#}
{% macro record_key_of_files(connection) -%}
    case
        {%- for kind in record_kinds_of_files() %}
        when payload._record.{{ kind }} is not null
            then {{ record_key(kind, 'payload._record.' ~ kind, "'" ~ connection ~ "'") }}
        {%- endfor %}
    end
{%- endmacro %}

{#- Ids that the system gave out are its own, unless the file says whose they are; an address is nobody's. -#}
{% macro id_connection_of_files(connection) -%}
    coalesce(
        payload.id_connection,
        case
            when payload.identifier_type in ('customer_id', 'contact_id', 'lead_id', 'order_name') then '{{ connection }}'
        end
    )
{%- endmacro %}

{#- None of these can end a build, whatever somebody wrote into the landing zone. -#}
{% macro landed_column(text, data_type) -%}
    {%- if data_type == 'timestamp' -%}
        {{ utc(text) }}
    {%- elif data_type == 'date' -%}
        {{ day(text) }}
    {%- elif data_type == 'bigint' -%}
        {{ whole(text) }}
    {%- elif data_type == 'boolean' -%}
        {{ flag(text) }}
    {%- elif data_type == 'string' -%}
        {{ text }}
    {%- else -%}
        try_cast({{ text }} as {{ data_type }})
    {%- endif -%}
{%- endmacro %}
