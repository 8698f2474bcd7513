"""What can be inserted, as streams of Arrow batches. Everything but Arrow is imported only when a frame of that kind comes
along."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import Any, Iterable, Iterator, Mapping

import pyarrow as pa

from .errors import CouldNotConvertDataframe, MangonelError
from .types import arrow_type

# Extension types of pandas whose storage would lose what they mean, and what to do instead.
_PANDAS_ONLY = {
    "pandas.period": "periods: convert them with .dt.to_timestamp()",
    "pandas.interval": "intervals: store .left and .right as two columns",
}


def to_reader(frame: Any, types: Mapping[str, str] | None = None) -> pa.RecordBatchReader:
    """A frame as a stream of batches. Takes pandas (named index levels become the first columns), polars, Arrow tables, batches
    and readers, feature requests, everything else with an Arrow stream (DuckDB relations, ...), Spark, 2-D numpy arrays and lists
    of rows (columns are named `col_0`, `col_1`, ...), structured numpy arrays, lists of dicts (a key that a row lacks is null),
    dicts of columns, and iterators of all these.

    ``types``: of the features that the columns are meant for, in the catalog's spelling. Columns that have no type of their own
    take them: those without any value, and numbers of plain Python, which are always 64 bits wide.

    Raises ``CouldNotConvertDataframe``, which names every column that is wrong. What comes later in an iterator is looked at when
    it comes, and raises the same.

    >>> from mangonel import sources
    >>> sources.to_reader([[1, "a"], [2, "b"]]).schema.names
    ['col_0', 'col_1']
    """
    try:
        reader = _reader(frame, types or {})
    except MangonelError:
        # Also those of a request that is the frame; some are ValueErrors too.
        raise
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise CouldNotConvertDataframe(f"the data cannot become a table: {error}") from error
    if reader is None:
        kind = f"{type(frame).__module__}.{type(frame).__qualname__}".removeprefix("builtins.")
        raise CouldNotConvertDataframe(
            f"a {kind} is no data frame: pass a pandas, polars, Arrow or Spark frame, a 2-D numpy array or a list of rows"
        )
    return _valued(reader, types or {})


def _reader(frame: Any, types: Mapping[str, str]) -> pa.RecordBatchReader | None:
    if isinstance(frame, pa.RecordBatchReader):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.RecordBatchReader.from_batches(frame.schema, [frame])
    if isinstance(frame, Iterator):
        return _from_frames(frame, types)
    package = type(frame).__module__.partition(".")[0]
    if package == "polars" and hasattr(frame, "collect_schema") and hasattr(frame, "collect_batches"):
        # A lazy frame: the first piece has no rows, and the schema also where there are none.
        return _from_frames(chain([frame.limit(0).collect()], frame.collect_batches(maintain_order=True)), types)
    if package == "mangonel" and hasattr(frame, "to_reader"):
        reader: pa.RecordBatchReader = frame.to_reader()
        return reader
    table = _table(frame, package, types)
    if table is not None:
        return table.to_reader()
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(frame)
    return None


def _table(frame: Any, package: str, types: Mapping[str, str]) -> pa.Table | None:
    """What is in memory already, as a table."""
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, dict):
        return _from_columns(frame, types)
    if isinstance(frame, (list, tuple)):
        return _from_list(list(frame), types)
    convert = {"pandas": _from_pandas, "polars": _from_polars, "pyspark": _from_spark, "numpy": _from_numpy}.get(package)
    return convert(frame) if convert else None


def _from_frames(frames: Iterator[Any], types: Mapping[str, str]) -> pa.RecordBatchReader:
    """Frames one after the other; those after the first take its types."""
    first = next(frames, None)
    if first is None:
        raise CouldNotConvertDataframe("the iterator gave nothing, so that its columns are unknown: pass a RecordBatchReader")
    reader = to_reader(first, types)
    schema = reader.schema

    def batches() -> Iterator[pa.RecordBatch]:
        yield from reader
        for number, frame in enumerate(frames, start=2):
            following = to_reader(frame, types)
            if following.schema.equals(schema):
                yield from following
                continue
            try:
                yield from following.read_all().cast(schema).to_batches()
            except (pa.ArrowException, ValueError) as error:
                raise CouldNotConvertDataframe(
                    f"frame {number} of the iterator does not have the columns of the first: {error}"
                ) from error

    return pa.RecordBatchReader.from_batches(schema, batches())


def _from_pandas(frame: Any) -> pa.Table | None:
    import pandas

    if isinstance(frame, pandas.Series):
        frame = frame.to_frame()
    if not isinstance(frame, pandas.DataFrame):
        return None
    if frame.columns.nlevels > 1:
        raise CouldNotConvertDataframe("the columns have several levels: flatten them to one name each")
    named = [level for level in frame.index.names if level is not None and level not in frame.columns]
    if named:
        frame = frame.reset_index(level=named)
    _check_names(frame.columns)
    try:
        # Without pandas' own metadata: the server keeps the types, and a frame that is read back is of its own making.
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        # Arrow names the first wrong column only.
        return _from_columns({str(name): frame[name] for name in frame.columns})
    only = [(field.name, _PANDAS_ONLY.get(getattr(field.type, "extension_name", ""))) for field in table.schema]
    problems = [f"column `{name}` holds {what}" for name, what in only if what]
    if problems:
        raise CouldNotConvertDataframe("; ".join(problems))
    return table


def _from_polars(frame: Any) -> pa.Table:
    if hasattr(frame, "collect"):
        frame = frame.collect()
    if hasattr(frame, "to_frame"):
        frame = frame.to_frame()
    return frame.to_arrow()


def _from_spark(frame: Any) -> pa.Table | None:
    if hasattr(frame, "toArrow"):
        return frame.toArrow()
    if hasattr(frame, "toPandas"):
        return _from_pandas(frame.toPandas())
    raise CouldNotConvertDataframe("a Spark RDD has no column names: make it a DataFrame with toDF")


def _from_numpy(array: Any) -> pa.Table | None:
    if not hasattr(array, "shape"):
        return None
    if array.dtype.names and array.ndim == 1:
        return _from_columns({name: array[name] for name in array.dtype.names})
    if array.ndim != 2:
        hint = "; one column is array.reshape(-1, 1)" if array.ndim == 1 else ""
        raise CouldNotConvertDataframe(f"the array has {array.ndim} dimensions: it must have 2, rows and columns{hint}")
    if array.dtype.names:
        raise CouldNotConvertDataframe("the array has 2 dimensions and named fields: a structured array must have 1, its rows")
    return _from_columns({f"col_{index}": array[:, index] for index in range(array.shape[1])})


def _from_list(rows: list[Any], types: Mapping[str, str]) -> pa.Table:
    if rows and all(isinstance(row, dict) for row in rows):
        # Of all rows, since the first may lack some.
        names = dict.fromkeys(chain.from_iterable(rows))
        return _from_columns({name: [row.get(name) for row in rows] for name in names}, types)
    if not all(isinstance(row, (list, tuple)) for row in rows):
        raise CouldNotConvertDataframe("a list must hold rows: lists of values, or dicts")
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise CouldNotConvertDataframe(f"rows have {min(widths)} to {max(widths)} values: all must have the same number")
    width = widths.pop() if widths else 0
    return _from_columns({f"col_{index}": [row[index] for row in rows] for index in range(width)}, types)


def _from_columns(columns: dict[Any, Any], types: Mapping[str, str] | None = None) -> pa.Table:
    """A table of named columns, each a sequence of values. ``types``: for columns of plain Python."""
    _check_names(columns)
    arrays: list[Any] = []
    problems: list[str] = []
    for name, values in columns.items():
        try:
            arrays.append(_array(values, (types or {}).get(str(name))))
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            problems.append(f"column `{name}` {_problem(values, error)}")
    if not problems and len(lengths := {len(array) for array in arrays}) > 1:
        each = ", ".join(f"`{name}` has {len(array)}" for name, array in zip(columns, arrays))
        problems.append(f"columns must have the same number of values, not {min(lengths)} to {max(lengths)}: {each}")
    if problems:
        raise CouldNotConvertDataframe("; ".join(problems))
    return pa.table(arrays, names=[str(name) for name in columns])


def _array(values: Any, of: str | None) -> Any:
    """``of``: type of the feature, for numbers of plain Python."""
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values
    if getattr(values, "ndim", 1) > 1:
        # A field of a structured array that holds arrays: a list in each row.
        values = [row.ravel().tolist() for row in values]
    array = pa.array(values, from_pandas=hasattr(values, "dtype"))
    if of and isinstance(values, (list, tuple)) and _is_python_number(array.type):
        with suppress(pa.ArrowException, TypeError, ValueError, OverflowError):
            return pa.array(values, arrow_type(of))
        # What does not fit keeps its type, and the server says why that is wrong.
    return array


def _is_python_number(of: pa.DataType) -> bool:
    if pa.types.is_list(of):
        return _is_python_number(of.value_type)
    return bool(pa.types.is_int64(of) or pa.types.is_float64(of))


def _valued(reader: pa.RecordBatchReader, types: Mapping[str, str]) -> pa.RecordBatchReader:
    """Columns without any value get the type of their feature."""
    untyped = {
        index: pa.field(field.name, arrow_type(types[field.name]))
        for index, field in enumerate(reader.schema)
        if pa.types.is_null(field.type) and field.name in types
    }
    if not untyped:
        return reader
    schema = pa.schema([untyped.get(index, field) for index, field in enumerate(reader.schema)])

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            columns = [
                pa.nulls(batch.num_rows, untyped[index].type) if index in untyped else column
                for index, column in enumerate(batch.columns)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _problem(values: Any, error: Exception) -> str:
    """What is wrong with a column that Arrow refused, and what helps."""
    if getattr(getattr(values, "dtype", None), "kind", "") == "c":
        return "holds complex numbers: store the real and the imaginary part as two columns"
    if hasattr(values, "sparse"):
        return "is sparse: make it dense with .sparse.to_dense()"
    kinds = sorted({type(value).__name__ for value in values if value is not None}, key=str.lower)
    if "complex" in kinds:
        return "holds complex numbers: store the real and the imaginary part as two columns"
    if len(kinds) > 1:
        return f"holds values of several types ({', '.join(kinds)}): convert them to one"
    return f"cannot be converted: {error}"


def _check_names(names: Iterable[Any]) -> None:
    """Names become text, so that 1 and "1" are one."""
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for name in names:
        if str(name) in seen:
            twice[str(name)] = None
        seen.add(str(name))
    if twice:
        raise CouldNotConvertDataframe(f"columns given twice: {', '.join(twice)}; rename them", names=twice)
