{{ conformed('locations') }}
