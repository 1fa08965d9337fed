"""What identity made of the evidence, for the owners' page: facts, no verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.engines.warehouse import Reader

# Reasons as the guards write them (docs/identity.md), in plain words. The component guard's are
# guard_<fault>.
REASONS = {
    "ambiguous_name": "several people share it, and the record could be any of them",
    "ambiguous_reference": "several claim or gave out that id",
    "another_persons": "it is somebody else's",
    "bridges_people": "it would join two people",
    "consent_withdrawn": "consent was withdrawn",
    "counting_digits": "a made-up number",
    "no_consent": "seen without consent",
    "paid_by_others": "others pay with the card, too",
    "placeholder": "a placeholder, nobody's",
    "repeated_digit": "a made-up number",
    "shared_by_many": "too many people use it",
    "stands_for_many": "the contact or account serves other people",
    "store_owned": "the store's own",
    "too_many_customers": "on too many customer records",
    "too_many_names": "under too many names",
    "unknown_record": "no system has a record of that id",
    "used_all_day": "too many sales a day for one person",
}
_HEALTH = """
    select connection, record_kind, record_count, identified_count, matched_count, orphan_count,
        match_rate
    from marts.rpt_identity_health order by connection, record_count desc, record_kind"""
_BREAKS = """
    select identifier_type, blocked_reason, count(*) as link_count,
        count(distinct identifier_id) as identifier_count
    from marts.fct_identity_breaks
    group by identifier_type, blocked_reason
    order by link_count desc, identifier_type, blocked_reason limit 12"""
_EVENTS = """
    select opened_by as event, count(*) as record_count, count(distinct customer_id) as person_count
    from marts.dim_persons_history
    where opened_run = (select max(opened_run) from marts.dim_persons_history)
    group by opened_by order by opened_by"""
_TOTALS = """
    select
        (select count(*) from marts.dim_customers) as person_count,
        (select max(record_count) from marts.dim_customers) as biggest_count,
        (select count(*) from marts.fct_identity_reviews) as review_count"""


def facts(reader: Reader) -> dict[str, list[dict[str, Any]]]:
    """Match rate by kind of record, broken links by reason, the last run's events, totals."""
    return {
        name: [_plain(row) for row in reader.query(query).to_pylist()]
        for name, query in (
            ("totals", _TOTALS),
            ("health", _HEALTH),
            ("breaks", _BREAKS),
            ("events", _EVENTS),
        )
    }


def words(reason: str) -> str:
    """A reason for people."""
    if reason.startswith("guard_"):
        return f"the person would be at fault: {reason.removeprefix('guard_').replace('_', ' ')}"
    return REASONS.get(reason, reason.replace("_", " "))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: float(value) if name.endswith("_rate") else value for name, value in row.items()}
