"""Records that staging could not read, for the owners' page: by stream and reason, no values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.engines.warehouse import Reader

_FAULTS = """
    select connection, stream, field, wanted, found_form, is_set_aside,
        count(distinct record_key) as records,
        count(distinct case when is_accepted then record_key end) as accepted,
        cast(min(_extracted_at) as string) as since
    from intermediate.int_records__faults
    group by connection, stream, field, wanted, found_form, is_set_aside
    order by is_set_aside desc, records desc, connection, stream, field, found_form
    limit 50"""


def facts(reader: Reader) -> list[dict[str, Any]]:
    """The fifty commonest faults, those that set a record aside first."""
    return [dict(row) for row in reader.query(_FAULTS).to_pylist()]
