{#- Times are UTC timestamps without zone everywhere; a zone appears only where a day is cut. -#}

{#- From text with an offset or Z. -#}
{% macro utc(text) -%}
    {{- adapter.dispatch('utc', 'o2o')(text) -}}
{%- endmacro %}

{% macro duckdb__utc(text) -%}
    timezone('UTC', cast({{ text }} as timestamptz))
{%- endmacro %}

{#- A Spark timestamp is an instant; the session's zone is UTC, so it reads as UTC. -#}
{% macro spark__utc(text) -%}
    cast({{ text }} as timestamp)
{%- endmacro %}

{#- The same, but null where the text is not a valid time. -#}
{% macro utc_or_null(text) -%}
    {{- adapter.dispatch('utc_or_null', 'o2o')(text) -}}
{%- endmacro %}

{% macro duckdb__utc_or_null(text) -%}
    timezone('UTC', try_cast({{ text }} as timestamptz))
{%- endmacro %}

{% macro spark__utc_or_null(text) -%}
    try_cast({{ text }} as timestamp)
{%- endmacro %}

{% macro utc_from_microseconds(number) -%}
    {{- adapter.dispatch('utc_from_microseconds', 'o2o')(number) -}}
{%- endmacro %}

{% macro duckdb__utc_from_microseconds(number) -%}
    make_timestamp({{ number }})
{%- endmacro %}

{% macro spark__utc_from_microseconds(number) -%}
    timestamp_micros({{ number }})
{%- endmacro %}

{% macro microseconds(timestamp) -%}
    {{- adapter.dispatch('microseconds', 'o2o')(timestamp) -}}
{%- endmacro %}

{% macro duckdb__microseconds(timestamp) -%}
    epoch_us({{ timestamp }})
{%- endmacro %}

{% macro spark__microseconds(timestamp) -%}
    unix_micros({{ timestamp }})
{%- endmacro %}

{#- The calendar day of a UTC timestamp where the clock on the wall shows `time_zone`. -#}
{% macro local_date(timestamp, time_zone) -%}
    {{- adapter.dispatch('local_date', 'o2o')(timestamp, time_zone) -}}
{%- endmacro %}

{% macro duckdb__local_date(timestamp, time_zone) -%}
    cast(timezone({{ time_zone }}, timezone('UTC', {{ timestamp }})) as date)
{%- endmacro %}

{% macro spark__local_date(timestamp, time_zone) -%}
    cast(from_utc_timestamp({{ timestamp }}, {{ time_zone }}) as date)
{%- endmacro %}

{% macro seconds_between(earlier, later) -%}
    cast(floor(({{ microseconds(later) }} - {{ microseconds(earlier) }}) / 1000000.0) as bigint)
{%- endmacro %}

{#- A day as a whole number, so that windows of days are ranges of numbers on every engine. -#}
{% macro day_number(date) -%}
    cast(floor({{ microseconds('cast(' ~ date ~ ' as timestamp)') }} / 86400000000.0) as bigint)
{%- endmacro %}

{#- A list of the days from one to another, both included. -#}
{% macro days_from(first, last) -%}
    {{- adapter.dispatch('days_from', 'o2o')(first, last) -}}
{%- endmacro %}

{% macro duckdb__days_from(first, last) -%}
    cast(generate_series(cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval 1 day) as date[])
{%- endmacro %}

{% macro spark__days_from(first, last) -%}
    sequence({{ first }}, {{ last }}, interval 1 day)
{%- endmacro %}

{#- So many hours after the epoch. -#}
{% macro hour_number(timestamp) -%}
    cast(floor({{ microseconds(timestamp) }} / 3600000000.0) as bigint)
{%- endmacro %}

{#- When the clock on the wall shows so many minutes after the midnight of a day, in UTC. -#}
{% macro local_moment(date, minutes, time_zone) -%}
    {{- adapter.dispatch('local_moment', 'o2o')(date, minutes, time_zone) -}}
{%- endmacro %}

{% macro duckdb__local_moment(date, minutes, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, cast({{ date }} as timestamp) + to_minutes({{ minutes }})))
{%- endmacro %}

{% macro spark__local_moment(date, minutes, time_zone) -%}
    to_utc_timestamp(cast({{ date }} as timestamp) + make_dt_interval(0, 0, {{ minutes }}), {{ time_zone }})
{%- endmacro %}

{#- 86400, but when the clock is changed. -#}
{% macro local_day_seconds(date, time_zone) -%}
    {{ seconds_between(local_moment(date, 0, time_zone), local_moment(date, 1440, time_zone)) }}
{%- endmacro %}

{#- A time as text in UTC that sorts as it does. -#}
{% macro utc_text(time) -%}
    {{- adapter.dispatch('utc_text', 'o2o')(time) -}}
{%- endmacro %}

{% macro duckdb__utc_text(time) -%}
    strftime({{ utc(time) }}, '%Y-%m-%dT%H:%M:%S.%fZ')
{%- endmacro %}

{% macro spark__utc_text(time) -%}
    date_format({{ utc(time) }}, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
{%- endmacro %}
