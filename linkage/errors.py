"""What can be wrong with records, said for those who have to mend it."""


class LinkageError(Exception):
    """The records cannot be linked as they are; the message says what to change."""
