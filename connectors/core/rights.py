"""What a vendor must have granted, and which version of it is asked: declared by each source, so
that it can be held against what the vendor answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

AHEAD = timedelta(days=90)  # so long before a version ends it is warned of


@dataclass(frozen=True)
class Right:
    """A right that streams need.

    ``name`` is as the vendor calls it, where the vendor tells which ones it granted; else it says
    what has to be so, and ``is_told`` is False. ``without`` says in the business's words what will
    be missing. ``note``: how it is come by.
    """

    name: str
    streams: tuple[str, ...]
    without: str
    note: str = ""
    is_told: bool = True


@dataclass(frozen=True)
class Version:
    """A version of a vendor's interface that a source asks for.

    ``ends``: the day from which it may be gone, if one is announced. ``header`` of an answer tells
    which version answered. ``use`` says what it is for, if not for all. ``setting``: it is asked
    for only by connections that have this setting.
    """

    name: str
    ends: date | None = None
    header: str = ""
    use: str = ""
    setting: str = ""

    def ending(self, today: date) -> str:
        """What is to be said of its end: nothing as long as that is far."""
        if self.ends is None or self.ends - today > AHEAD:
            return ""
        of = f"version {self.name}{f' ({self.use})' if self.use else ''}"
        if self.ends <= today:
            return f"{of} may be gone since {self.ends}: upgrade"
        days = (self.ends - today).days
        return f"{of} ends on {self.ends}, in {days} days: upgrade before"
