{{ entity_stream() }}

{{ typeform_responses('responses') }}
