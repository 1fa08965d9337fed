{#-
    A table that a query makes anew. The adapter's own way builds another table and swaps the names, in six
    statements that cost more than most models' queries. DuckDB replaces a table in one transaction: who
    kills it, or makes the query fail, leaves the table of before.
-#}
{% materialization table, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- if existing_relation is not none and not existing_relation.is_table -%}
        {% do adapter.drop_relation(existing_relation) %}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        create or replace table {{ target_relation }}
        {%- if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(compiled_code) }}
        {{ get_table_columns_and_constraints() }};
        insert into {{ target_relation }} {{ get_column_names() }} (
            {{ get_select_subquery(compiled_code) }}
        )
        {%- else %} as (
            {{ compiled_code }}
        )
        {%- endif %}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
