{% from "_records.sql" import a_rarity, faulty with context %}
{{ faulty("is_set_aside and not is_accepted", a_rarity(limits.percent , limits.records )) }}
