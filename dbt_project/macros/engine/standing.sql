{#- Tables that stand from one run to the next beside a model, and are changed instead of made anew. -#}

{#- The relation `<model>__<name>`. `version` tells tables apart on engines that cannot change them. -#}
{% macro standing_relation(name, version) -%}
    {{ return(adapter.dispatch('standing_relation', 'o2o')(this.identifier ~ '__' ~ name, version)) }}
{%- endmacro %}

{% macro duckdb__standing_relation(identifier, version) -%}
    {{ return(this.incorporate(path={'identifier': identifier}, type='table')) }}
{%- endmacro %}

{% macro spark__standing_relation(identifier, version) -%}
    {{ return(this.incorporate(path={'identifier': identifier ~ '_' ~ version}, type='table')) }}
{%- endmacro %}

{% macro write_table(relation, query) -%}
    {%- do adapter.dispatch('write_table', 'o2o')(relation, query) -%}
{%- endmacro %}

{% macro duckdb__write_table(relation, query) -%}
    {% call statement('write') %}
        create or replace table {{ relation }} as {{ query }}
    {% endcall %}
{%- endmacro %}

{% macro spark__write_table(relation, query) -%}
    {%- do spark__replace_scratch_table(relation, query) -%}
{%- endmacro %}

{#- `table` without the rows whose `gone_key` columns the query `gone` selects; with `new_<changed_column>`
    of the query `changed` where it has the row's `changed_key`; and with the rows of the query `added`.
    Returns the relation that holds it: the same one, or one of the next version. The keys that `gone`
    and `changed` select are distinct. -#}
{% macro amended_table(table, columns, gone=none, gone_key=none, changed=none, changed_key=none,
                       changed_column=none, added=none) -%}
    {{ return(adapter.dispatch('amended_table', 'o2o')(
        table, columns, gone, gone_key, changed, changed_key, changed_column, added)) }}
{%- endmacro %}

{% macro duckdb__amended_table(table, columns, gone, gone_key, changed, changed_key, changed_column, added) -%}
    {%- if gone -%}
        {% call statement('delete') %}
            delete from {{ table }} using ({{ gone }}) as gone where {{ same_key(table, 'gone', gone_key) }}
        {% endcall %}
    {%- endif -%}
    {%- if changed -%}
        {% call statement('update') %}
            update {{ table }} set {{ changed_column }} = changed.new_{{ changed_column }}
            from ({{ changed }}) as changed where {{ same_key(table, 'changed', [changed_key]) }}
        {% endcall %}
    {%- endif -%}
    {%- if added -%}
        {% call statement('insert') %}
            insert into {{ table }} ({{ columns | join(', ') }}) {{ added }}
        {% endcall %}
    {%- endif -%}
    {{ return(table) }}
{%- endmacro %}

{#- A new table, because Spark's plain tables know neither delete nor update. -#}
{% macro spark__amended_table(table, columns, gone, gone_key, changed, changed_key, changed_column, added) -%}
    {%- set number = table.identifier.rsplit('_', 1) -%}
    {%- set next_table = table.incorporate(path={'identifier': number[0] ~ '_' ~ (number[1] | int + 1)}) -%}
    {%- set query -%}
        select
        {%- for column in columns %}
            {% if changed and column == changed_column -%}
                coalesce(changed.new_{{ column }}, standing.{{ column }}) as {{ column }}
            {%- else -%}
                standing.{{ column }}
            {%- endif -%}
            {{ ',' if not loop.last }}
        {%- endfor %}
        from {{ table }} as standing
        {% if gone %}left anti join ({{ gone }}) as gone on {{ same_key('standing', 'gone', gone_key) }}{% endif %}
        {% if changed %}left join ({{ changed }}) as changed on {{ same_key('standing', 'changed', [changed_key]) }}{% endif %}
        {% if added %}union all {{ added }}{% endif %}
    {%- endset -%}
    {%- do write_table(next_table, query) -%}
    {{ return(next_table) }}
{%- endmacro %}

{% macro same_key(one, other, key) -%}
    {%- for column in key -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The version of the standing tables that a view reads. -#}
{% macro duckdb__standing_version(view) -%}
    {{ return(0) }}
{%- endmacro %}

{% macro spark__standing_version(view) -%}
    {%- for row in run_query('show tblproperties ' ~ view) if row[0] == 'o2o.standing_version' -%}
        {{ return(row[1] | int) }}
    {%- endfor -%}
    {{ return(0) }}
{%- endmacro %}

{#- The statement that turns `view` to the standing tables of the version that `table` has. -#}
{% macro duckdb__standing_view(view, table, query) -%}
    create or replace view {{ view }} as {{ query }}
{%- endmacro %}

{% macro spark__standing_view(view, table, query) -%}
    create or replace view {{ view }}
    tblproperties ('o2o.standing_version' = '{{ table.identifier.rsplit('_', 1)[1] }}')
    as {{ query }}
{%- endmacro %}

{#- Removes the standing tables `<model>__<name>` that a run, or a killed one before it, left behind: it
    began at one version and wrote at most the next two. -#}
{% macro duckdb__forget_standing(names, began, kept) -%}
{%- endmacro %}

{% macro spark__forget_standing(names, began, kept) -%}
    {%- for version in range(began, began + 3) -%}
        {%- for name in names -%}
            {%- set relation = standing_relation(name, version) -%}
            {%- if relation.identifier not in kept -%}
                {% call statement('forget') %}drop table if exists {{ relation }}{% endcall %}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
