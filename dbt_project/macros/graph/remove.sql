{#- Takes edges out of a graph: `gone_edges` is a table (a_no, b_no) of edges that it has, each once.
    Nodes that no edge has any more go too. A component is taken apart only if it may have split, or has
    lost the node whose number it bears: an edge whose one end had no other leaves all else connected. -#}
{% macro graph_remove(graph, gone_edges) -%}
    {%- set edges = amended_table(
        graph.edges, ['a_no', 'b_no'], gone="select a_no, b_no from " ~ gone_edges, gone_key=['a_no', 'b_no']
    ) -%}
    {%- set ends = graph_scratch('gone_ends', "
        select node_no, count(*) as gone_count
        from (" ~ graph_ends(gone_edges, 'a_no', 'b_no', 'node_no') ~ ") as ends group by node_no
    ") -%}
    {%- set kept = graph_scratch('kept_ends', "
        select node_no
        from (
            select a_no as node_no from " ~ edges ~ " where a_no in (select node_no from " ~ ends ~ ")
            union all
            select b_no as node_no from " ~ edges ~ " where b_no in (select node_no from " ~ ends ~ ")
        ) as kept group by node_no
    ") -%}
    {%- set lost = graph_scratch('lost_ends', "
        select ends.node_no, ends.gone_count
        from " ~ ends ~ " as ends
        left join " ~ kept ~ " as kept on ends.node_no = kept.node_no
        where kept.node_no is null
    ") -%}
    {#- An end for each component to be taken apart. -#}
    {%- set suspect_ends = graph_scratch('suspect_ends', "
        select edges.a_no as node_no
        from " ~ gone_edges ~ " as edges
        left join " ~ lost ~ " as a_lost on edges.a_no = a_lost.node_no
        left join " ~ lost ~ " as b_lost on edges.b_no = b_lost.node_no
        where
            edges.a_no <> edges.b_no
            and coalesce(a_lost.gone_count, 2) > 1
            and coalesce(b_lost.gone_count, 2) > 1
    ") -%}
    {%- set suspects = graph_scratch('suspects', "
        select component_no
        from " ~ graph.nodes ~ "
        where node_no in (select node_no from " ~ suspect_ends ~ ")
        group by component_no
        union
        select node_no as component_no from " ~ lost ~ "
    ") -%}
    {%- set members = graph_scratch('suspect_members', "
        select node_no, component_no from " ~ graph.nodes ~ "
        where component_no in (select component_no from " ~ suspects ~ ")
    ") -%}
    {%- set links = graph_scratch('suspect_links', "
        select a_no, b_no from " ~ edges ~ " where a_no in (select node_no from " ~ members ~ ")
    ") -%}
    {%- set rounds = graph_contract(links) -%}
    {%- set changed = graph_scratch('suspect_changes', "
        select node_no, root_no
        from " ~ graph_roots(members, rounds) ~ " as rooted
        where root_no <> component_no
    ") -%}
    {%- set nodes = amended_table(
        graph.nodes, ['node', 'node_no', 'check_no', 'component_no'],
        gone="select node_no from " ~ lost, gone_key=['node_no'],
        changed="select node_no, root_no as new_component_no from " ~ changed, changed_key='node_no',
        changed_column='component_no'
    ) -%}
    {%- do graph_drop(rounds + [ends, kept, lost, suspect_ends, suspects, members, links, changed]) -%}
    {{ return({'nodes': nodes, 'edges': edges}) }}
{%- endmacro %}
