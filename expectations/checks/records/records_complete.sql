{% from "_records.sql" import a_rarity, faulty with context %}
{{ faulty("not is_set_aside", a_rarity(limits.percent , limits.records )) }}
