"""What the simulated vendors share: the web application, tokens, paging, faults and chaos."""
