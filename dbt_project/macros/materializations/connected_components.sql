{#-
    Connected components of a graph: the model selects undirected edges (node_a, node_b), the table
    has one row per node with its `component`, the smallest node that it is connected with.

    Min-hook contraction. A round lets every node hook onto its smallest neighbour if that is
    smaller, follows the hooks to their ends, merges what hangs together into one node, and goes on
    with the edges that are left between merged nodes. Hooks point to smaller nodes only, so they
    form no circle; the number of rounds grows with the logarithm of the number of nodes, whatever
    the shape. Each round is a statement of its own: unrolled into one, the plan outgrows memory.

    The same text on every engine, which is why no statement reads the table that it writes, and why
    each has one join only: DuckDB takes tables of the open transaction for empty, and with two joins
    and a `<>` it would compare every node with every other.
-#}
{% materialization connected_components, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set pairs = component_table('pairs', compiled_code) -%}
    {#- Numbers join and compare faster than keys; numbering by key keeps the smallest the smallest. -#}
    {%- set nodes = component_table('nodes', "
        select node, row_number() over (order by node) as node_no
        from (
            select node_a as node from " ~ pairs ~ "
            union
            select node_b as node from " ~ pairs ~ "
        ) as endpoints
    ") -%}
    {%- set halves = component_table('halves', "
        select nodes.node_no as a_no, pairs.node_b
        from " ~ pairs ~ " as pairs
        inner join " ~ nodes ~ " as nodes on pairs.node_a = nodes.node
    ") -%}
    {%- set state = namespace(
        edges=component_table('edges', "
            select distinct least(a_no, b_no) as low, greatest(a_no, b_no) as high
            from (
                select halves.a_no, nodes.node_no as b_no
                from " ~ halves ~ " as halves
                inner join " ~ nodes ~ " as nodes on halves.node_b = nodes.node
            ) as numbered
            where a_no <> b_no
        "),
        roots=component_table('roots', "select node_no, node_no as root_no from " ~ nodes),
        hooks=none,
        is_moving=true
    ) -%}

    {#- Jinja has no while; 200 rounds are enough for 2^100 nodes. -#}
    {%- for round in range(200) if component_count(state.edges) > 0 -%}
        {%- set turn = round % 2 -%}
        {%- set state.hooks = component_table('hooks', "
            select high as node_no, min(low) as hook_no from " ~ state.edges ~ " group by high
        ") -%}
        {%- set state.is_moving = true -%}
        {%- for jump in range(200) if state.is_moving -%}
            {%- set state.hooks = component_table('jumps_' ~ jump % 2, "
                select
                    hooks.node_no,
                    coalesce(next_hooks.hook_no, hooks.hook_no) as hook_no,
                    next_hooks.hook_no is not null as has_moved
                from " ~ state.hooks ~ " as hooks
                left join " ~ state.hooks ~ " as next_hooks on hooks.hook_no = next_hooks.node_no
            ") -%}
            {%- set state.is_moving = component_count(state.hooks ~ ' where has_moved') > 0 -%}
        {%- endfor -%}
        {%- set state.roots = component_table('roots_' ~ turn, "
            select roots.node_no, coalesce(hooks.hook_no, roots.root_no) as root_no
            from " ~ state.roots ~ " as roots
            left join " ~ state.hooks ~ " as hooks on roots.root_no = hooks.node_no
        ") -%}
        {%- set moved = component_table('moved', "
            select coalesce(hooks.hook_no, edges.low) as low, edges.high
            from " ~ state.edges ~ " as edges
            left join " ~ state.hooks ~ " as hooks on edges.low = hooks.node_no
        ") -%}
        {%- set state.edges = component_table('edges_' ~ turn, "
            select distinct least(low, hook_no) as low, greatest(low, hook_no) as high
            from (
                select moved.low, hooks.hook_no
                from " ~ moved ~ " as moved
                inner join " ~ state.hooks ~ " as hooks on moved.high = hooks.node_no
            ) as contracted
            where low <> hook_no
        ") -%}
    {%- endfor -%}

    {%- set labels = component_table('labels', "
        select roots.node_no, nodes.node as component
        from " ~ state.roots ~ " as roots
        inner join " ~ nodes ~ " as nodes on roots.root_no = nodes.node_no
    ") -%}
    {%- if existing_relation is not none -%}
        {% do adapter.drop_relation(existing_relation) %}
    {%- endif -%}
    {% call statement('main') %}
        {{ create_table_as(False, target_relation, "
            select nodes.node, labels.component
            from " ~ nodes ~ " as nodes
            inner join " ~ labels ~ " as labels on nodes.node_no = labels.node_no
        ") }}
    {% endcall %}
    {%- for name in component_scratch() -%}
        {% call statement('clean') %}
            drop table if exists {{ component_relation(name) }}
        {% endcall %}
    {%- endfor -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {#- Without it dbt rolls the transaction back at the end of the node. -#}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- The tables that a contraction works with; those in pairs are written in turns. -#}
{% macro component_scratch() -%}
    {{ return([
        'pairs', 'nodes', 'halves', 'edges', 'edges_0', 'edges_1', 'roots', 'roots_0', 'roots_1',
        'hooks', 'jumps_0', 'jumps_1', 'moved', 'labels',
    ]) }}
{%- endmacro %}

{#- Writes a scratch table and returns its name. -#}
{% macro component_table(name, query) -%}
    {%- set relation = component_relation(name) -%}
    {%- do adapter.dispatch('replace_scratch_table', 'o2o')(relation, query) -%}
    {{ return(relation) }}
{%- endmacro %}

{% macro component_relation(name) -%}
    {{ return(adapter.dispatch('scratch_relation', 'o2o')('component_' ~ name)) }}
{%- endmacro %}

{% macro component_count(what) -%}
    {{ return(run_query('select count(*) from ' ~ what).columns[0].values()[0]) }}
{%- endmacro %}
