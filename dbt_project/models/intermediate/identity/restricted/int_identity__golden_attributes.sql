{{ surviving_attributes(ref('int_identity__persons'), 'customer_id') }}
