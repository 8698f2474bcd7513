"""Moments for time travel, as people write them and as the server takes them."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Union

Moment = Union[datetime, date, str, int]
"""A time: with a zone, or without one in UTC; a day means its start; text in ISO 8601; an int is milliseconds since 1970."""


def as_of_field(moment: Moment | None) -> dict[str, int]:
    """The field of a request, left out for now: servers refuse fields that they do not know, also empty ones."""
    return {} if moment is None else {"asOfMs": milliseconds(moment)}


def milliseconds(moment: Moment) -> int:
    """Milliseconds since 1970 UTC. Raises ``ValueError`` for text that is no time.

    >>> milliseconds("2026-11-25 10:30"), milliseconds("2026-11-25T11:30:00+01:00")
    (1795602600000, 1795602600000)
    """
    if isinstance(moment, int):
        return moment
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            raise ValueError(f"`{moment}` is no time: write it like 2026-11-25 10:30 or 2026-11-25T10:30:00+01:00") from None
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return round(moment.timestamp() * 1000)
