{#-
    Connected components of a graph that stands from run to run. The model selects undirected edges as
    (node_a, node_b), text both; it has one row per node: node, component. A component's name is a text
    that its nodes share and no other node has. It follows from the component's nodes alone, so
    it stays whatever happens elsewhere, and a full refresh gives the same; another engine, or another
    version of it, may give another.

    The model is a view of the graph's nodes (see ../graph/state.sql). A run compares the edges with
    those that stand and touches only the components that the difference meets; `--full-refresh`, a
    first run and a run that cannot read what stands build the graph anew. Where records meet
    identifiers, let node_a be the record: the first round is made for that (../graph/contract.sql).

    A killed run leaves the model as it was: DuckDB rolls all tables back; on Spark the standing tables
    are not written to, and the view, the last to be written, turns to the new ones.
-#}
{% materialization connected_components, default %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set existing_relation = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set is_standing = existing_relation is not none and existing_relation.is_view -%}
    {%- set version = adapter.dispatch('standing_version', 'o2o')(this) if is_standing else 0 -%}
    {%- set standing = graph_relations(version) -%}
    {%- if is_standing and graph_stands(standing) and not should_full_refresh() -%}
        {%- set graph = graph_update(standing, compiled_code) -%}
    {%- else -%}
        {%- set graph = graph_build(graph_relations(version + 1), compiled_code) -%}
    {%- endif -%}

    {%- if existing_relation is not none and not existing_relation.is_view -%}
        {% do adapter.drop_relation(existing_relation) %}
    {%- endif -%}
    {% call statement('main') %}
        {{ adapter.dispatch('standing_view', 'o2o')(target_relation, graph.nodes, "
            select node, " ~ as_text('component_no') ~ " as component from " ~ graph.nodes
        ) }}
    {% endcall %}
    {%- do adapter.dispatch('forget_standing', 'o2o')(
        ['nodes', 'edges'], version, [graph.nodes.identifier, graph.edges.identifier]
    ) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {#- Without it dbt rolls the transaction back at the end of the node. -#}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
