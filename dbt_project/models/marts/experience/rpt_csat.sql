with

{{ survey_scores('csat', {'satisfied_count': 'is_satisfied'}, 'is_satisfied is not null') }}

select
    {{ hash_key(['joined.asked_month', 'joined.store_id', 'joined.journey']) }} as csat_id,
    joined.asked_month,
    joined.store_id,
    joined.journey,
    joined.answer_count,
    joined.satisfied_count,
    case
        when joined.answer_count > 0
            then {{ exact_ratio('joined.satisfied_count', 'joined.answer_count', 6, precision=9) }}
    end as csat,
    {%- for end in ['low', 'high'] %}
    case
        when joined.answer_count > 0
            then {{ wilson('joined.satisfied_count', 'joined.answer_count', end) }}
    end as csat_{{ end }},
    {%- endfor %}
    joined.response_count,
    joined.invitation_count,
    joined.undelivered_count,
    joined.invited_response_count,
    {{ response_rate() }}
from joined
