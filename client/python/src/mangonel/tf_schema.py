"""Managed TFRecord schemas: from the stored JSON, or from a frame, to what `tf.io.parse_example` takes."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .errors import InferTFRecordSchemaError


def parse(text: str) -> dict[str, dict[str, Any]]:
    """The JSON of `tf_record_schema.txt`: `{column: {"feature": "fixed_len", "type": "int", "shape": [3]}}`."""
    schema: dict[str, dict[str, Any]] = json.loads(text)
    return schema


def to_tensorflow(schema: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """`{column: tf.io.FixedLenFeature | tf.io.VarLenFeature}`. Needs TensorFlow."""
    try:
        import tensorflow as tf
    except ImportError as error:
        raise ImportError("this needs TensorFlow: pip install tensorflow") from error
    kinds = {"int": tf.int64, "float": tf.float32, "string": tf.string}

    def feature(spec: dict[str, Any]) -> Any:
        if spec["feature"] == "var_len":
            return tf.io.VarLenFeature(kinds[spec["type"]])
        return tf.io.FixedLenFeature(spec.get("shape", []), kinds[spec["type"]])

    return {name: feature(spec) for name, spec in schema.items()}


def infer(table: pa.Table, fixed: bool = True) -> dict[str, dict[str, Any]]:
    """The schema of a table. ``fixed``: lists that all have one length become fixed-length features; a training dataset has such
    features where the type says so, as Arrow's fixed-size lists do.

    Raises ``InferTFRecordSchemaError`` naming every column that TFRecord cannot hold.

    >>> import pyarrow as pa
    >>> infer(pa.table({"team_id": [1, 2], "ages": [[20, 30], [25, 31]]}))["ages"]
    {'feature': 'fixed_len', 'type': 'int', 'shape': [2]}
    """
    schema: dict[str, dict[str, Any]] = {}
    wrong: list[str] = []

    def add(name: str, column: pa.ChunkedArray) -> None:
        if pa.types.is_struct(column.type):
            for index in range(column.type.num_fields):
                add(f"{name}.{column.type.field(index).name}", pc.struct_field(column, index))
            return
        is_list = _is_list(column.type)
        kind = _kind(column.type.value_type if is_list else column.type)
        if kind is None:
            wrong.append(f"`{name}` ({column.type})")
        elif not is_list:
            schema[name] = {"feature": "fixed_len", "type": kind}
        elif fixed and (length := _length(column)) is not None:
            schema[name] = {"feature": "fixed_len", "type": kind, "shape": [length]}
        else:
            schema[name] = {"feature": "var_len", "type": kind}

    for name in table.column_names:
        add(name, table.column(name))
    if wrong:
        raise InferTFRecordSchemaError(f"TFRecord cannot hold {', '.join(wrong)}: leave these columns out or convert them")
    return dict(sorted(schema.items()))


def _is_list(of: pa.DataType) -> bool:
    return bool(pa.types.is_list(of) or pa.types.is_large_list(of) or pa.types.is_fixed_size_list(of))


def _length(column: pa.ChunkedArray) -> int | None:
    """The length that all lists have. A null has none."""
    lengths = pc.unique(pc.list_value_length(column)).to_pylist()
    return int(lengths[0]) if len(lengths) == 1 and lengths[0] is not None else None


def _kind(of: pa.DataType) -> str | None:
    types = pa.types
    if types.is_dictionary(of):
        return _kind(of.value_type)
    if types.is_boolean(of) or types.is_integer(of) or types.is_date(of) or types.is_timestamp(of):
        return "int"
    if types.is_floating(of) or types.is_decimal(of):
        return "float"
    if types.is_string(of) or types.is_large_string(of) or types.is_string_view(of):
        return "string"
    if types.is_binary(of) or types.is_large_binary(of) or types.is_fixed_size_binary(of) or types.is_binary_view(of):
        return "string"
    return None
