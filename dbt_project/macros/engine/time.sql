{#- Times are UTC timestamps without zone everywhere; a zone appears only where a day is cut. -#}

{#- From text with an offset or Z; null where it is no such time. Engines read more than is meant: infinity, the
    zone +99:00, 10:00 as today, 2026 as its first day. -#}
{% macro utc(text) -%}
    case
        when {{ begins_with_a_day(text) }}
            and (
                {{ text }} like '%Z'
                or {{ matches(text, "'^[-0-9]+([T ][0-9:.]+( ?[-+](0[0-9]|1[0-8]):?([0-5][0-9])?)?)?$'") }}
            )
            {#- Seconds may be left out: 2026-03-01T12:00Z. #}
            then coalesce(
                {{ adapter.dispatch('utc', 'o2o')(text) }},
                {{ adapter.dispatch('utc', 'o2o')(
                    "concat(substring(" ~ text ~ ", 1, 16), ':00', substring(" ~ text ~ ", 17))"
                ) }}
            )
    end
{%- endmacro %}

{% macro duckdb__utc(text) -%}
    timezone('UTC', try_cast({{ text }} as timestamptz))
{%- endmacro %}

{#- A Spark timestamp is an instant; the session's zone is UTC, so it reads as UTC. -#}
{% macro spark__utc(text) -%}
    try_cast({{ text }} as timestamp)
{%- endmacro %}

{#- A day of the calendar from text; null where it is none. -#}
{% macro day(text) -%}
    case when {{ begins_with_a_day(text) }} then try_cast({{ text }} as date) end
{%- endmacro %}

{#- Year, month and day, and not of antiquity. -#}
{% macro begins_with_a_day(text) -%}
    {{ text }} like '____-_%-_%' and substring({{ text }}, 1, 4) between '1000' and '9999'
{%- endmacro %}

{#- The minute of the day on a wall clock: '09:30:00' is 570. Null where it is none. -#}
{% macro wall_clock(text) -%}
    case
        when {{ matches(text, "'^([01][0-9]|2[0-4]):[0-5][0-9]'") }}
            then try_cast(substring({{ text }}, 1, 2) as integer) * 60
                + try_cast(substring({{ text }}, 4, 2) as integer)
    end
{%- endmacro %}

{#- A time zone that engines know; null where it is none. They end a query that names another. -#}
{% macro zone(text) -%}
    case when {{ text }} in ('{{ modules.pytz.all_timezones | join("', '") }}') then {{ text }} end
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

{#- From text that counts milliseconds since 1970. -#}
{% macro utc_from_milliseconds(text) -%}
    {{- utc_from_microseconds('1000 * ' ~ milliseconds_since_1970(text)) -}}
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

{#- A time as text in UTC that sorts as it does; what is no time stays as it is. -#}
{% macro utc_text(time) -%}
    coalesce({{ adapter.dispatch('utc_text', 'o2o')(utc(as_text(time))) }}, {{ as_text(time) }})
{%- endmacro %}

{% macro duckdb__utc_text(time) -%}
    strftime({{ time }}, '%Y-%m-%dT%H:%M:%S.%fZ')
{%- endmacro %}

{% macro spark__utc_text(time) -%}
    date_format({{ time }}, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
{%- endmacro %}

{#- Whole minutes from one moment to another; null without either. -#}
{% macro minutes_between(earlier, later) -%}
    cast(floor(({{ microseconds(later) }} - {{ microseconds(earlier) }}) / 60000000.0) as bigint)
{%- endmacro %}
