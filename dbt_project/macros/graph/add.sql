{#- Adds edges to a graph: `new_edges` is a table (node_a, node_b, a_no, b_no) of edges that it does not
    have. Only components that a new edge meets may get another number. -#}
{% macro graph_add(graph, new_edges) -%}
    {%- set ends = graph_scratch('new_ends', "
        select node, node_no, " ~ graph_check('node') ~ " as check_no
        from (
            select distinct node, node_no
            from (
                select node_a as node, a_no as node_no from " ~ new_edges ~ "
                union all
                select node_b as node, b_no as node_no from " ~ new_edges ~ "
            ) as ends
        ) as distinct_ends
    ") -%}
    {%- set known = graph_scratch('known_ends', "
        select nodes.node_no, nodes.component_no as hook_no, nodes.check_no <> ends.check_no as is_clash
        from " ~ graph.nodes ~ " as nodes
        inner join " ~ ends ~ " as ends on nodes.node_no = ends.node_no
    ") -%}
    {%- do graph_refuse_clashes(graph, graph_value("
        select (select count(*) - count(distinct node_no) from " ~ ends ~ ")
            + (select count(*) from " ~ known ~ " where is_clash)
    ")) -%}
    {#- The graph of components and new nodes: a known end hooks onto its component, a new one takes part
        under its own number. -#}
    {%- set links = graph_moved('new_links', new_edges, known) -%}
    {%- set rounds = graph_contract(links, may_have_sides=false) -%}
    {%- set moved = graph_scratch('new_members', "
        select node_no, is_standing, root_no as component_no
        from " ~ graph_roots("(
            select hook_no as node_no, true as is_standing from " ~ known ~ " group by hook_no
            union all
            select ends.node_no, false as is_standing
            from " ~ ends ~ " as ends
            left join " ~ known ~ " as known on ends.node_no = known.node_no
            where known.node_no is null
        )", rounds) ~ " as rooted
    ") -%}
    {%- set nodes = amended_table(
        graph.nodes, ['node', 'node_no', 'check_no', 'component_no'],
        changed="select node_no as component_no, component_no as new_component_no
            from " ~ moved ~ " where is_standing and node_no <> component_no",
        changed_key='component_no', changed_column='component_no',
        added="select ends.node, ends.node_no, ends.check_no, moved.component_no
            from " ~ ends ~ " as ends
            inner join " ~ moved ~ " as moved on ends.node_no = moved.node_no
            where not moved.is_standing"
    ) -%}
    {%- set edges = amended_table(
        graph.edges, ['a_no', 'b_no'], added="select distinct a_no, b_no from " ~ new_edges
    ) -%}
    {%- do graph_drop(rounds + [links, known, ends, moved]) -%}
    {{ return({'nodes': nodes, 'edges': edges}) }}
{%- endmacro %}
