{#- Whether a device's own time can be: not after the server heard of it, and not so long before that nothing waits in
    a device for so long. Where nobody says when it was received, the device is believed. -#}
{% macro device_clock_holds(observed_at, received_at) -%}
    coalesce(
        {{ seconds_between(observed_at, received_at) }}
        between -{{ var('device_clock_tolerance_seconds') }} and {{ var('device_maximum_delay_days') }} * 86400,
        true
    )
{%- endmacro %}
