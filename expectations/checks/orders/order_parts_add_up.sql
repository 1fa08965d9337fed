{# What vendors now and then say otherwise, lawfully: tax within the prices, a refund as goodwill. #}
{% from "_obeys.sql" import all_obey with context %}
{{ all_obey([
    ("charged = goods - discount + shipping + tax", "fct_orders", "order_id",
        "total_minor = subtotal_minor - discount_minor + shipping_minor + tax_minor"),
    ("refund is at most the charged amount", "fct_orders", "order_id", "refunded_minor <= total_minor"),
]) }}
