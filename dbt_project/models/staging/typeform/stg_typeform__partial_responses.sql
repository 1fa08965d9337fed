{{ entity_stream() }}

{{ form_responses('typeform', 'partial_responses', is_submitted=false) }}
