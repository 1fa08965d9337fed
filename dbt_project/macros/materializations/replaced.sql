{#-
    A table, or a view, that a query makes anew. The adapter's own way builds another one and swaps the
    names, in six statements that cost more than most models' queries. DuckDB replaces it in one
    transaction: who kills it, or makes the query fail, leaves what was there before.
-#}
{% materialization table, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='table') -%}
    {%- set create -%}
        create or replace table {{ relation }}
        {%- if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(compiled_code) }}
        {{ get_table_columns_and_constraints() }};
        insert into {{ relation }} {{ get_column_names() }} (
            {{ get_select_subquery(compiled_code) }}
        )
        {%- else %} as (
            {{ compiled_code }}
        )
        {%- endif %}
    {%- endset -%}
    {{ return(replaced(relation, create)) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='view') -%}
    {%- set create -%}
        create or replace view {{ relation }}
        {%- if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(compiled_code) }}
        {%- endif %} as (
            {{ compiled_code }}
        )
    {%- endset -%}
    {{ return(replaced(relation, create)) }}
{% endmaterialization %}

{% macro replaced(relation, create) %}
    {%- set existing = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- if existing is not none and existing.type != relation.type -%}
        {% do adapter.drop_relation(existing) %}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        {{ create }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{% endmacro %}
