{{ entity_stream() }}

{{ typeform_responses('partial_responses') }}
