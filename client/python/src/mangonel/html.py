"""How notebooks show things: small tables of what is known already. Nothing here asks the server."""

from __future__ import annotations

from html import escape
from typing import Any, Iterable, Mapping, Sequence


def facts(title: str, of: Mapping[str, Any], columns: Sequence[str] = (), rows: Iterable[Sequence[Any]] = ()) -> str:
    """A title, its facts as lines, and one table. Facts that are empty or None are left out; all text is escaped.

    >>> facts("Run 7", {"state": "failed", "rows": None})
    '<div><b>Run 7</b><br>state: failed</div>'
    """
    lines = [f"<b>{escape(title)}</b>"]
    lines += [f"{escape(name)}: {escape(_text(value))}" for name, value in of.items() if value not in (None, "", [], {})]
    return f"<div>{'<br>'.join(lines)}{_table(columns, rows)}</div>"


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{escape(_text(value))}</td>' for value in row)}</tr>" for row in rows)
    if not body:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in value.items())
    return f"{value:,}" if type(value) is int else str(value)
