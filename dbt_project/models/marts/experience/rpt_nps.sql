with

{{ survey_scores('nps', {
    'promoter_count': "nps_group = 'promoter'",
    'passive_count': "nps_group = 'passive'",
    'detractor_count': "nps_group = 'detractor'",
}, 'nps_group is not null') }}

select
    {{ hash_key(['joined.asked_month', 'joined.store_id', 'joined.journey']) }} as nps_id,
    joined.asked_month,
    joined.store_id,
    joined.journey,
    joined.answer_count,
    joined.promoter_count,
    joined.passive_count,
    joined.detractor_count,
    case
        when joined.answer_count > 0
            then
                {{ exact_ratio(
                    '100 * (joined.promoter_count - joined.detractor_count)', 'joined.answer_count', 4, precision=9
                ) }}
    end as nps,
    {%- for end in ['low', 'high'] %}
    case
        when joined.answer_count > 0
            then {{ net_promoter('joined.promoter_count', 'joined.detractor_count', 'joined.answer_count', end) }}
    end as nps_{{ end }},
    {%- endfor %}
    joined.response_count,
    joined.invitation_count,
    joined.undelivered_count,
    joined.invited_response_count,
    {{ response_rate() }}
from joined
