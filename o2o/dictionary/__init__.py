"""The dictionary: what each mart means, who answers for it, what it promises and how to ask it."""
