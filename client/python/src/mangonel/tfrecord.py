"""Reads TFRecord files of tf.Example records without TensorFlow. Made for looking into a dataset; training reads the files with
TensorFlow itself.

Formats: https://www.tensorflow.org/tutorials/load_data/tfrecord, and Example { Features { map<string, Feature> } } with
Feature { BytesList = 1 | FloatList = 2 | Int64List = 3 }. Lengths are checked, checksums are not: the server's verify does that.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO, Iterator

import pyarrow as pa

from .errors import Internal
from .types import arrow_type

_WIRE_TYPES = {"int": pa.int64(), "float": pa.float32(), "string": pa.binary()}


def read_dataset(folder: str | Path, schema: dict[str, dict[str, Any]], features: list[dict[str, Any]]) -> pa.Table:
    """All shards of a committed folder. ``schema``: the managed schema; ``features``: those of the catalog, which give order and
    types. Structs stay flattened (`a.b`), and numbers have the digits that the file has."""
    names, types = _columns(features)
    unknown = set(schema) ^ set(names)
    if unknown:
        raise Internal(f"managed schema and catalog differ in {', '.join(sorted(unknown))}")
    columns: dict[str, list[Any]] = {name: [] for name in names}
    shards = sorted(Path(folder).glob("part-r-*"))
    for shard in shards:
        with shard.open("rb") as file:
            for record in records(file, shard):
                values = parse_example(record)
                for name, column in columns.items():
                    column.append(values.get(name))
    arrays = [_array(columns[name], schema[name], of) for name, of in zip(names, types)]
    return pa.table(arrays, names=names)


def records(file: BinaryIO, name: Any = "the file") -> Iterator[bytes]:
    """The records of one file: u64 length, u32 checksum, data, u32 checksum."""
    while header := file.read(12):
        length = struct.unpack("<Q", header[:8])[0] if len(header) == 12 else -1
        data = file.read(length + 4) if 0 <= length < 1 << 31 else b""
        if len(data) != length + 4:
            raise Internal(f"{name} is cut off or damaged: verify the dataset")
        yield data[:-4]


def parse_example(record: bytes) -> dict[str, list[Any]]:
    """The features of one tf.Example; a key without a kind is left out, as a null is."""
    found: dict[str, list[Any]] = {}
    for number, features in _fields(record):
        if number != 1:
            continue
        for number, entry in _fields(features):
            parts = dict(_fields(entry)) if number == 1 else {}
            for kind, values in _fields(parts.get(2, b"")):
                found[parts.get(1, b"").decode()] = _values(kind, values)
    return found


def _values(kind: int, data: bytes) -> list[Any]:
    values: list[Any] = []
    for number, value in _fields(data):
        if number != 1:
            continue
        if kind == 1:
            values.append(value)
        elif kind == 2:
            values.extend(struct.unpack(f"<{len(value) // 4}f", value))
        elif isinstance(value, int):
            values.append(_signed(value))
        else:
            position = 0
            while position < len(value):
                integer, position = _varint(value, position)
                values.append(_signed(integer))
    return values


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of each field of a protobuf message."""
    position, end = 0, len(data)
    while position < end:
        tag, position = _varint(data, position)
        wire = tag & 7
        if wire == 0:
            value, position = _varint(data, position)
            yield tag >> 3, value
            continue
        if wire == 2:
            length, position = _varint(data, position)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise Internal("a record is no tf.Example")
        if position + length > end:
            raise Internal("a record is cut off")
        yield tag >> 3, data[position : position + length]
        position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    try:
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, position
            shift += 7
    except IndexError:
        raise Internal("a record is cut off") from None


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _columns(features: list[dict[str, Any]]) -> tuple[list[str], list[pa.DataType]]:
    names, types = [], []

    def add(name: str, of: pa.DataType) -> None:
        if pa.types.is_struct(of):
            for index in range(of.num_fields):
                add(f"{name}.{of.field(index).name}", of.field(index).type)
        else:
            names.append(name)
            types.append(of)

    for feature in features:
        add(feature["name"], arrow_type(feature["type"]))
    return names, types


def _array(rows: list[list[Any] | None], spec: dict[str, Any], to: pa.DataType) -> pa.Array:
    wire = _WIRE_TYPES[spec["type"]]
    if pa.types.is_list(to):
        return pa.array(rows, pa.list_(wire)).cast(to, safe=False)
    if any(row is not None and len(row) != 1 for row in rows):
        raise Internal("a record has several values where one is expected: the managed schema is of another dataset")
    return _cast(pa.array([None if row is None else row[0] for row in rows], wire), to)


def _cast(array: pa.Array, to: pa.DataType) -> pa.Array:
    if pa.types.is_date(to):
        array = array.cast(pa.int32())
    if pa.types.is_decimal(to):
        # The file holds 32 bits, which seldom are the decimal's digits: rounded to its scale.
        return pa.array([None if value is None else f"{value:.{to.scale}f}" for value in array.to_pylist()]).cast(to)
    return array.cast(to, safe=False)
