"""Single values in the words of a contract: text of a file in, what lands out.

Money becomes whole minor units, times become UTC. What cannot be read so is a Fault that says what
is expected and what the text looks like, never what it says: it may be personal.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

from connectors.core.errors import near
from connectors.files.description import Cell, Column, Description
from connectors.files.reading import Fault

Value = str | int | bool | None
MOST_DIGITS = 15  # of minor units, so that thousands of them can be added
_FLAGS = {
    **dict.fromkeys(("true", "t", "1", "yes", "y"), True),
    **dict.fromkeys(("false", "f", "0", "no", "n"), False),
}
_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009"), " ")


def form(text: str) -> str:
    """What a text looks like, without what it says: 99,99 for 12,50."""
    signs = ("9" if sign.isdigit() else "a" if sign.isalpha() else sign for sign in text[:40])
    return "".join(signs)


def _but(text: str) -> str:
    return f", not of the form {form(text)!r}"


def decimal(text: str, description: Description) -> Decimal:
    """A number as the description says that numbers are written; raises Fault."""
    plain = text.translate(_SPACES).strip().replace("\u2212", "-")
    sign = 1
    if plain.startswith("(") and plain.endswith(")"):  # as accountants write what is below zero
        sign, plain = -1, plain[1:-1].strip()
    if plain.endswith("-"):
        sign, plain = -sign, plain[:-1].strip()
    elif plain[:1] in ("-", "+"):
        sign, plain = -sign if plain[0] == "-" else sign, plain[1:].strip()
    whole, point, rest = plain.partition(description.decimal)
    if description.thousands and description.thousands in whole:
        first, *threes = whole.split(description.thousands)
        if not 1 <= len(first) <= 3 or any(len(three) != 3 for three in threes):
            raise Fault(_number_wanted(description) + _but(text))
        whole = "".join((first, *threes))
    digits = whole + rest
    if not (digits.isascii() and digits.isdigit()):
        raise Fault(_number_wanted(description) + _but(text))
    return sign * Decimal(f"{whole or 0}.{rest}" if point and rest else whole)


def _number_wanted(description: Description) -> str:
    thousands = (
        f"{description.thousands!r} between thousands" if description.thousands
        else "nothing between thousands (thousands: says otherwise)"
    )  # fmt: skip
    return f"must be a number with {description.decimal!r} before decimals and {thousands}"


def minor(amount: Decimal, exponent: int, text: str) -> int:
    """Minor units of a currency with so many decimals; raises Fault where it has more."""
    scaled = amount.scaleb(exponent)
    if scaled != scaled.to_integral_value():
        raise Fault(f"must have {exponent} decimals at most{_but(text)}")
    if abs(scaled) >= 10**MOST_DIGITS:
        raise Fault(f"must have {MOST_DIGITS - exponent} digits at most before decimals")
    return int(scaled)


def moment(text: str, cell: Cell, description: Description) -> str:
    """A time in UTC, as ISO 8601. Raises Fault.

    A time that the clock shows twice is the first of the two, one that it leaves out as much later.
    """
    how = cell.format or description.time_format
    try:
        if how in ("unix", "unix_ms"):
            number = Decimal(text) * (1 if how == "unix_ms" else 1000)
            found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=float(number))
        elif how:
            found = datetime.strptime(text, how)  # noqa: DTZ007  # its zone comes below
        else:
            found = datetime.fromisoformat(text)
        if found.tzinfo is None and not description.time_zone:
            raise Fault("has no offset from UTC: say the files' time_zone")
        if found.tzinfo is None:
            found = found.replace(tzinfo=ZoneInfo(description.time_zone))
        found = found.astimezone(UTC)
    except (ValueError, ArithmeticError):
        wanted = (
            f"a time as {how}" if how else "a time as 2026-03-01 12:30:00 (format: says another)"
        )
        raise Fault(f"must be {wanted}{_but(text)}") from None
    if not 1900 <= found.year <= 2200:
        raise Fault(f"must be a time of the years 1900 to 2200, not of {found.year}")
    return found.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def day(text: str, cell: Cell, description: Description) -> str:
    how = cell.format or description.date_format
    try:
        found = datetime.strptime(text, how) if how else datetime.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        wanted = f"a day as {how}" if how else "a day as 2026-03-01 (format: says another)"
        raise Fault(f"must be {wanted}{_but(text)}") from None
    if not 1000 <= found.year <= 9999:
        raise Fault(f"must be a day of the years 1000 to 9999, not of {found.year}")
    return found.date().isoformat()


def flag(text: str) -> bool:
    found = _FLAGS.get(text.casefold())
    if found is None:
        raise Fault(f"must be one of {', '.join(_FLAGS)} (values: maps others){_but(text)}")
    return found


def zone(text: str) -> str:
    if text not in available_timezones():
        raise Fault(f"must be an IANA time zone, as Europe/Berlin{_but(text)}")
    return text


def whole(number: Decimal, text: str, digits: int = 18) -> int:
    if number != number.to_integral_value():
        raise Fault(f"must be a whole number{_but(text)}")
    if abs(number) >= 10**digits:
        raise Fault(f"must have {digits} digits at most")
    return int(number)


def number(found: Decimal, column: Column, text: str) -> str:
    """With all its decimals, as text: what lands is no float."""
    if column.scale is not None and found != round(found, column.scale):
        raise Fault(f"must have {column.scale} decimals at most{_but(text)}")
    if abs(found) >= 10 ** (column.digits - (column.scale or 0)):
        raise Fault(
            f"must have {column.digits - (column.scale or 0)} digits at most before decimals"
        )
    return format(found.normalize() if found else Decimal(0), "f")


def word(text: str, cell: Cell, column: Column) -> str:
    """The contract's word for what the file says; raises Fault for one that is not allowed."""
    if cell.values is not None:
        found = cell.values.get(text, cell.otherwise)
        if found is None:
            raise Fault(f"must be one of {', '.join(cell.values)} (values: lists them){_but(text)}")
        text = found
    if column.values and text not in column.values:
        raise Fault(
            f"must be one of {', '.join(column.values)}{near(text, column.values)}{_but(text)}"
        )
    return text
