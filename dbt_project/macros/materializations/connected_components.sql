{#-
    Connected components of a graph: the model selects undirected edges (node_a, node_b), the table
    has one row per node with its `component`, the smallest node that it is connected with.

    Min-hook contraction. A round lets every node hook onto its smallest neighbour if that is
    smaller, follows the hooks to their ends, merges what hangs together into one node, and goes on
    with the edges that are left between merged nodes. Hooks point to smaller nodes only, so they
    form no circle; the number of rounds grows with the logarithm of the number of nodes, whatever
    the shape. Each round is a statement of its own: unrolled into one, the plan outgrows memory.
-#}
{% materialization connected_components, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {#- Numbers join and compare faster than keys; numbering by key keeps the smallest the smallest. -#}
    {% call statement('edges') %}
        create or replace temp table component_pairs as {{ compiled_code }}
    {% endcall %}
    {% call statement('nodes') %}
        create or replace temp table component_nodes as
        select node, row_number() over (order by node) as node_no
        from (
            select node_a as node from component_pairs
            union
            select node_b as node from component_pairs
        ) as endpoints
    {% endcall %}
    {% call statement('roots') %}
        create or replace temp table component_roots as
        select node_no, node_no as root_no from component_nodes
    {% endcall %}
    {#- Two joins in two steps: as one, DuckDB takes fresh tables for empty and nests loops. -#}
    {% call statement('numbered') %}
        create or replace temp table component_moved as
        select nodes.node_no, pairs.node_b
        from component_pairs as pairs
        inner join component_nodes as nodes on pairs.node_a = nodes.node
    {% endcall %}
    {#- One join per statement, here and below: DuckDB takes tables of the open transaction for empty,
        and with two joins and a `<>` it would compare every node with every other. -#}
    {% call statement('number_a') %}
        create or replace temp table component_halves as
        select nodes.node_no as a_no, pairs.node_b
        from component_pairs as pairs
        inner join component_nodes as nodes on pairs.node_a = nodes.node
    {% endcall %}
    {% call statement('number_b') %}
        create or replace temp table component_edges as
        select distinct least(a_no, b_no) as low, greatest(a_no, b_no) as high
        from (
            select halves.a_no, nodes.node_no as b_no
            from component_halves as halves
            inner join component_nodes as nodes on halves.node_b = nodes.node
        ) as numbered
        where a_no <> b_no
    {% endcall %}

    {#- Jinja has no while; 200 rounds are enough for 2^100 nodes. -#}
    {%- set state = namespace(left=o2o.component_count('component_edges')) -%}
    {%- for round in range(200) if state.left > 0 -%}
        {% call statement('hook') %}
            create or replace temp table component_hooks as
            select high as node_no, min(low) as hook_no from component_edges group by high
        {% endcall %}

        {%- set state.moving = 1 -%}
        {%- for jump in range(200) if state.moving > 0 -%}
            {% call statement('jump') %}
                create or replace temp table component_jumps as
                select
                    hooks.node_no,
                    coalesce(next_hooks.hook_no, hooks.hook_no) as hook_no,
                    next_hooks.hook_no is not null as has_moved
                from component_hooks as hooks
                left join component_hooks as next_hooks on hooks.hook_no = next_hooks.node_no
            {% endcall %}
            {% call statement('jumped') %}
                create or replace temp table component_hooks as
                select node_no, hook_no from component_jumps
            {% endcall %}
            {%- set state.moving = o2o.component_count('component_jumps where has_moved') -%}
        {%- endfor -%}

        {% call statement('relabel') %}
            create or replace temp table component_roots as
            select roots.node_no, coalesce(hooks.hook_no, roots.root_no) as root_no
            from component_roots as roots
            left join component_hooks as hooks on roots.root_no = hooks.node_no
        {% endcall %}
        {#- In two steps for the same reason. -#}
        {% call statement('move_low') %}
            create or replace temp table component_moved as
            select coalesce(hooks.hook_no, edges.low) as low, edges.high
            from component_edges as edges
            left join component_hooks as hooks on edges.low = hooks.node_no
        {% endcall %}
        {% call statement('move_high') %}
            create or replace temp table component_edges as
            select distinct least(low, hook_no) as low, greatest(low, hook_no) as high
            from (
                select moved.low, hooks.hook_no
                from component_moved as moved
                inner join component_hooks as hooks on moved.high = hooks.node_no
            ) as contracted
            where low <> hook_no
        {% endcall %}
        {%- set state.left = o2o.component_count('component_edges') -%}
    {%- endfor -%}

    {%- if existing_relation is not none -%}
        {% do adapter.drop_relation(existing_relation) %}
    {%- endif -%}
    {% call statement('label') %}
        create or replace temp table component_labels as
        select roots.node_no, nodes.node as component
        from component_roots as roots
        inner join component_nodes as nodes on roots.root_no = nodes.node_no
    {% endcall %}
    {% call statement('main') %}
        create table {{ target_relation }} as
        select nodes.node, labels.component
        from component_nodes as nodes
        inner join component_labels as labels on nodes.node_no = labels.node_no
    {% endcall %}
    {%- for name in [
        'pairs', 'nodes', 'roots', 'halves', 'edges', 'hooks', 'jumps', 'moved', 'labels',
    ] -%}
        {% call statement('clean') %}
            drop table if exists component_{{ name }}
        {% endcall %}
    {%- endfor -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {#- Without it dbt rolls the transaction back at the end of the node. -#}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro component_count(what) -%}
    {{ return(run_query('select count(*) from ' ~ what).columns[0].values()[0]) }}
{%- endmacro %}
