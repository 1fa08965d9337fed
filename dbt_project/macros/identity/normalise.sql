{#- One spelling per identifier, as identifiers/reading.py says; null when nothing usable is left.
    Patterns are the common subset of RE2 and Java; \x27, \x5B, \x5C and \x5D are ' [ \ and ]. -#}

{#- The text without what only looks different. -#}
{% macro plain_spelling(text) -%}
    {%- set usual -%}
        translate(
            {{ text }},
            '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ＠．＋－＿（）＜＞：；，／？＃٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹‐‑‒–—―−。İΣς',
            '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz@.+-_()<>:;,/?#01234567890123456789-------.iσσ'
        )
    {%- endset -%}
    {%- set unseen = '[\\x00-\\x08\\x0E-\\x1F\\x7F-\\x84\\x86-\\x9F\\xAD\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}-\\x{2069}\\x{FEFF}]' -%}
    {%- set spaces = '[\\x09-\\x0D\\x85\\xA0\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}]' -%}
    {#- Nearly all texts are plain: the rest takes ten times as long. #}
    lower(trim(
        case
            when {{ matches(text, "'^[ -~]*$'") }} then {{ text }}
            else {{ replace_pattern(replace_pattern(usual, unseen, ''), spaces, ' ') }}
        end
    ))
{%- endmacro %}

{#- The address that a field is. -#}
{% macro normalise_email(email) -%}
    {%- set name = '[^ @"\\x27<>()\\x5B\\x5D:;,\\x5C?][^ @"<>()\\x5B\\x5D:;,\\x5C?]*' -%}
    {%- set label = '[^\\x00-,./:-@\\x5B-^`{-\\x7F]+' -%}
    {%- set opening = '^(?:[^<>@]*<)?[ "\\x27(]*(?:(?:mailto|e-?mail):[ "\\x27(]*)?' -%}
    {%- set closing = '(?:[?][^<>]*>?|[ "\\x27)>.,;]*)$' -%}
    {%- set pattern = opening ~ '(' ~ name ~ '@' ~ label ~ '(?:[.]' ~ label ~ '){1,30})' ~ closing -%}
    {%- set address = extract_pattern(plain_spelling(email), pattern) -%}
    case
        when {{ matches(address, "'@(gmail|googlemail)[.]com$'") }} then
            nullif(
                concat(replace({{ replace_pattern(address, '[+@].*', '') }}, '.', ''), '@gmail.com'),
                '@gmail.com'
            )
        else {{ address }}
    end
{%- endmacro %}

{#- E.164 without the plus. A national number needs its country's calling code and trunk prefix
    (seeds/calling_codes.csv); without a country it cannot be told apart and becomes null. -#}
{% macro normalise_phone(phone, calling_code, trunk_prefix) -%}
    {%- set digits = '(?:[+][ (]*)?[0-9](?:[ ()./_-]*[0-9]){0,24}' -%}
    {%- set extension = '[ ()./_,;-]*(?:x|#|ext[a-z]*|durchwahl|dw)[ .:=]*[0-9]{1,6}' -%}
    {%- set pattern = '^[^0-9+]*(' ~ digits ~ ')(?:' ~ extension ~ ')?[^0-9]*$' -%}
    {%- set number = extract_pattern(plain_spelling(phone), pattern) -%}
    {%- set italian = replace_pattern(number, '^([+]|00)[ (]*39[ )]*[(] *0 *[)]', '+390') -%}
    {%- set bare = replace_pattern(replace_pattern(italian, '[(] *0 *[)]', ''), '[^0-9+]', '') -%}
    {%- set dialled = replace_pattern(bare, '^[+]?00', '+') -%}
    {%- set international -%}
    case
        when {{ dialled }} like '+%' then substring({{ dialled }}, 2)
        when {{ calling_code }} is null then null
        when {{ trunk_prefix }} <> '' and {{ dialled }} like concat({{ trunk_prefix }}, '%')
            then concat({{ calling_code }}, substring({{ dialled }}, length({{ trunk_prefix }}) + 1))
        else concat({{ calling_code }}, {{ dialled }})
    end
    {%- endset -%}
    {{ extract_pattern(international, '^(1[0-9]{10}|[2-9][0-9]{7,14})$') }}
{%- endmacro %}
