{#- How traffic is spelled, and what links carry. -#}

{#- A word of a link as it was meant: decoded, however often it was encoded, in lower case, without blanks around
    it. Null for what says nothing: blanks, a placeholder that nobody filled in, analytics' own words for nothing. -#}
{% macro traffic_word(text) -%}
    {%- set decoded = url_decoded(url_decoded("replace(" ~ text ~ ", '+', ' ')")) -%}
    {%- set word -%} lower(trim({{ decoded }})) {%- endset -%}
    case
        when not {{ matches(word, "'^([{].*[}]|__.*__|[(](direct|none|not set|data deleted|organic|referral|cpc)[)]|undefined|null|)$'") }} then {{ word }}
    end
{%- endmacro %}

{#- The parameters by which platforms mark a click: the kinds of the seed click_ids. -#}
{% macro click_id_kinds() -%}
    {{- return([
        'gclid', 'wbraid', 'gbraid', 'dclid', 'msclkid', 'yclid', 'ttclid', 'twclid', 'li_fat_id', 'sccid', 'epik',
        'rdt_cid', 'fbclid', 'srsltid',
    ]) -}}
{%- endmacro %}

{#- From a page's address: which of them it carries, … -#}
{% macro click_id_kind(address) -%}
    lower({{ extract_pattern(address, '[?&](?i:(' ~ click_id_kinds() | join('|') ~ '))=[^&#]') }})
{%- endmacro %}

{#- … and the id. -#}
{% macro click_id_value(address) -%}
    {{ extract_pattern(address, '[?&](?i:' ~ click_id_kinds() | join('|') ~ ')=([^&#]+)') }}
{%- endmacro %}

{#- The host of a page's address. -#}
{% macro host_of(address) -%}
    lower({{ extract_pattern(address, '^[a-z]+://([^/?#:]+)') }})
{%- endmacro %}

{#- Consent as analytics writes it: granted, refused, or null, which is neither. -#}
{% macro consent(text) -%}
    case {{ text }} when 'Yes' then true when 'No' then false end
{%- endmacro %}

{#- What an event's link says, as a key of int_web__traffic. -#}
{% macro traffic_id(relation) -%}
    {{ hash_key([
        relation ~ '.connection', relation ~ '.source', relation ~ '.medium', relation ~ '.campaign_id',
        relation ~ '.campaign_name', relation ~ '.click_id_kind',
    ]) }}
{%- endmacro %}

{#- Of an event without a link. -#}
{% macro no_traffic_id(connection) -%}
    {{ hash_key([connection, 'null', 'null', 'null', 'null', 'null']) }}
{%- endmacro %}

{#- A host without the www that says nothing. -#}
{% macro bare_host(host) -%}
    {{ replace_pattern('lower(' ~ host ~ ')', '^www[.]', '') }}
{%- endmacro %}

{#- Blanks and the plus signs that stand for them are one. -#}
{% macro one_space(text) -%}
    {{ replace_pattern(text, '[+ ]+', ' ') }}
{%- endmacro %}

{#- Whether a word matches a rule's pattern. Most rules ask for nothing, and a pattern costs as often as it is tried. -#}
{% macro obeys(word, pattern) -%}
    (coalesce({{ pattern }}, '.*') = '.*' or {{ matches(word, pattern) }})
{%- endmacro %}

{#- Which of the CTE `marks` (field, mark) a rule of the CTE `excluded_traffic` takes out, and why. -#}
{% macro excluded_marks(word) %}
    select
        marks.field,
        marks.mark,
        min(excluded_traffic.reason) as reason
    from marks
    inner join excluded_traffic
        on
            marks.field = excluded_traffic.field
            and {{ matches(word, 'excluded_traffic.pattern') }}
    group by marks.field, marks.mark
{% endmacro %}
