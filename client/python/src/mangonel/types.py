"""Types of features in the catalog's spelling (`long`, `array<double>`, `struct<a:string>`), as Arrow types."""

from __future__ import annotations

import re

import pyarrow as pa

from .errors import InvalidArgument

_SIMPLE = {
    "boolean": pa.bool_(),
    "byte": pa.int8(),
    "short": pa.int16(),
    "integer": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "binary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "timestamp_ntz": pa.timestamp("us"),
}
_DECIMAL = re.compile(r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)")


def arrow_type(spelling: str) -> pa.DataType:
    """The Arrow type of a feature's type. Raises ``InvalidArgument`` for one that is unknown here.

    >>> str(arrow_type("decimal(10,2)")), str(arrow_type("array<double>"))
    ('decimal128(10, 2)', 'list<element: double>')
    """
    text = spelling.strip()
    if text in _SIMPLE:
        return _SIMPLE[text]
    if found := _DECIMAL.fullmatch(text):
        return pa.decimal128(int(found[1]), int(found[2]))
    if text.startswith("array<") and text.endswith(">"):
        return pa.list_(pa.field("element", arrow_type(text[6:-1])))
    if text.startswith("struct<") and text.endswith(">"):
        members = [member.partition(":") for member in _split(text[7:-1])]
        return pa.struct([pa.field(name.strip(), arrow_type(of)) for name, _, of in members])
    raise InvalidArgument(f"feature type `{spelling}` is unknown to this client: update it")


def _split(members: str) -> list[str]:
    """Splits at the commas that are in no brackets."""
    parts: list[str] = []
    depth = start = 0
    for index, letter in enumerate(members):
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and depth == 0:
            parts.append(members[start:index])
            start = index + 1
    return [*parts, members[start:]]
