{{ entity_stream() }}

{{ form_responses('typeform', 'responses', is_submitted=true) }}
