"""Data frames in and out: pandas, polars, Arrow, numpy, Spark and plain Python. Everything but Arrow is imported only when a
frame of that kind comes along."""

from __future__ import annotations

import sys
from typing import Any, Iterator

import pyarrow as pa

from .errors import CouldNotConvertDataframe

DATAFRAME_TYPES = ("pandas", "numpy", "python", "arrow", "polars", "spark")


def default_dataframe_type() -> str:
    """`spark` where a Spark session is active, else `pandas`."""
    return "spark" if _spark_session() else "pandas"


def check_dataframe_type(dataframe_type: str | None) -> str:
    """The type asked for, or the default; refused before anything is read."""
    dataframe_type = dataframe_type or default_dataframe_type()
    if dataframe_type not in DATAFRAME_TYPES:
        raise ValueError(f"dataframe_type is `{dataframe_type}`: it must be one of {', '.join(DATAFRAME_TYPES)}")
    if dataframe_type == "spark" and _spark_session() is None:
        raise ValueError("dataframe_type is `spark`, but no Spark session is active")
    return dataframe_type


def from_arrow(table: pa.Table, dataframe_type: str | None = None) -> Any:
    """A table as the kind of frame asked for."""
    return _TO[check_dataframe_type(dataframe_type)](table)


def to_pandas(table: pa.Table) -> Any:
    """A pandas frame. Integers and booleans with nulls become pandas' nullable types, so that no value changes on the way."""
    pandas = _need("pandas")
    nullable = {
        pa.int8(): pandas.Int8Dtype(),
        pa.int16(): pandas.Int16Dtype(),
        pa.int32(): pandas.Int32Dtype(),
        pa.int64(): pandas.Int64Dtype(),
        pa.bool_(): pandas.BooleanDtype(),
    }
    frame = table.to_pandas()
    for name, column in zip(table.column_names, table.columns):
        if column.null_count and column.type in nullable:
            frame[name] = column.to_pandas(types_mapper=nullable.get)
    return frame


def to_polars(table: pa.Table) -> Any:
    return _need("polars").from_arrow(table)


def to_numpy(table: pa.Table) -> Any:
    """A 2-D array, one row per row; of one numeric type when all columns are numbers, else of objects."""
    numpy = _need("numpy")
    columns = [column.to_numpy() for column in table.columns]
    if not columns:
        return numpy.empty((table.num_rows, 0))
    if all(column.dtype.kind in "biuf" for column in columns):
        return numpy.column_stack(columns)
    rows = numpy.empty((table.num_rows, len(columns)), dtype=object)
    for index, column in enumerate(columns):
        # One by one, since lists of one length would be taken for further dimensions.
        for row, value in enumerate(column):
            rows[row, index] = value
    return rows


def to_python(table: pa.Table) -> list[list[Any]]:
    """A list of rows, each a list of values."""
    columns = [column.to_pylist() for column in table.columns]
    return [list(row) for row in zip(*columns)]


def to_spark(table: pa.Table) -> Any:
    return _spark_session().createDataFrame(to_pandas(table))


_TO = {
    "arrow": lambda table: table,
    "pandas": to_pandas,
    "polars": to_polars,
    "numpy": to_numpy,
    "python": to_python,
    "spark": to_spark,
}


def to_reader(frame: Any) -> pa.RecordBatchReader:
    """A frame as a stream of batches. Takes pandas (named index levels become the first columns), polars, Arrow tables, batches
    and readers, feature requests, everything else with an Arrow stream (DuckDB relations, ...), Spark, 2-D numpy arrays and lists
    of rows (columns are named `col_0`, `col_1`, ...), lists of dicts and dicts of columns.

    Raises ``CouldNotConvertDataframe``.
    """
    try:
        reader = _reader(frame)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, CouldNotConvertDataframe):
            raise
        raise CouldNotConvertDataframe(f"the data cannot become a table: {error}") from error
    if reader is None:
        kind = f"{type(frame).__module__}.{type(frame).__qualname__}"
        raise CouldNotConvertDataframe(
            f"a {kind} is no data frame: pass a pandas, polars, Arrow or Spark frame, a 2-D numpy array or a list of rows"
        )
    return reader


def _reader(frame: Any) -> pa.RecordBatchReader | None:
    if isinstance(frame, pa.RecordBatchReader):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.RecordBatchReader.from_batches(frame.schema, [frame])
    table = frame if isinstance(frame, pa.Table) else None
    package = type(frame).__module__.partition(".")[0]
    if package == "pandas":
        table = _from_pandas(frame)
    elif package == "polars":
        table = _from_polars(frame)
    elif package == "pyspark":
        table = _from_spark(frame)
    elif package == "mangonel" and hasattr(frame, "to_reader"):
        return frame.to_reader()
    elif package == "numpy":
        table = _from_rows(frame.shape, lambda column: pa.array(frame[:, column]))
    elif isinstance(frame, dict):
        table = pa.table(frame)
    elif isinstance(frame, (list, tuple)):
        table = _from_list(list(frame))
    elif table is None and hasattr(frame, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(frame)
    return None if table is None else table.to_reader()


def _from_pandas(frame: Any) -> pa.Table | None:
    pandas = _need("pandas")
    if isinstance(frame, pandas.Series):
        frame = frame.to_frame()
    if not isinstance(frame, pandas.DataFrame):
        return None
    if frame.columns.nlevels > 1:
        raise CouldNotConvertDataframe("the columns have several levels: flatten them to one name each")
    if not frame.columns.is_unique:
        twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
        raise CouldNotConvertDataframe(f"columns given twice: {', '.join(twice)}", names=twice)
    named = [level for level in frame.index.names if level is not None and level not in frame.columns]
    if named:
        frame = frame.reset_index(level=named)
    # Without pandas' own metadata: the server keeps the types, and a frame that is read back is of its own making.
    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()


def _from_polars(frame: Any) -> pa.Table | None:
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


def _from_list(rows: list[Any]) -> pa.Table:
    if rows and all(isinstance(row, dict) for row in rows):
        return pa.Table.from_pylist(rows)
    if not rows or not all(isinstance(row, (list, tuple)) for row in rows):
        raise CouldNotConvertDataframe("a list must hold rows: lists of values, or dicts")
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise CouldNotConvertDataframe(f"rows have {min(widths)} to {max(widths)} values: all must have the same number")
    return _from_rows((len(rows), widths.pop()), lambda column: pa.array([row[column] for row in rows]))


def _from_rows(shape: tuple[int, ...], column: Any) -> pa.Table:
    if len(shape) != 2:
        raise CouldNotConvertDataframe(f"the data has {len(shape)} dimensions: it must have 2, rows and columns")
    return pa.table({f"col_{index}": column(index) for index in range(shape[1])})


def parts(reader: pa.RecordBatchReader, bytes_max: int) -> Iterator[pa.Table]:
    """The rows in tables of about ``bytes_max`` bytes; none for no rows."""
    gathered: list[pa.RecordBatch] = []
    size = 0
    for batch in reader:
        rows = max(1, batch.num_rows * bytes_max // max(1, batch.nbytes))
        for start in range(0, batch.num_rows, rows):
            piece = batch.slice(start, rows)
            gathered.append(piece)
            size += piece.nbytes
            if size >= bytes_max:
                yield pa.Table.from_batches(gathered, reader.schema)
                gathered, size = [], 0
    if gathered:
        yield pa.Table.from_batches(gathered, reader.schema)


def _spark_session() -> Any:
    # A session can only be active where pyspark is imported already.
    sql = sys.modules.get("pyspark.sql")
    return sql.SparkSession.getActiveSession() if sql else None


def _need(module: str) -> Any:
    try:
        return __import__(module)
    except ImportError as error:
        raise ImportError(f"this needs {module}: pip install {module}, or ask for dataframe_type='arrow'") from error
