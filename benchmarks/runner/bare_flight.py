"""A Flight server with nothing but pyarrow: doubles from memory, in batches of 65,536 rows, over as many streams as it is told.
What the transport alone can do: `bare_flight.py ROWS FEATURES STREAMS`.
"""

import sys

import numpy
import pyarrow
import pyarrow.flight as flight

BATCH_ROWS = 65_536


class Bare(flight.FlightServerBase):
    def __init__(self, rows: int, features: int, streams: int):
        super().__init__("grpc://127.0.0.1:0")
        draws = numpy.random.default_rng(1)
        columns = {"id": pyarrow.array(draws.permutation(rows).astype("int64"))}
        columns |= {f"x{number:02}": pyarrow.array(draws.random(rows)) for number in range(features - 1)}
        table = pyarrow.table(columns)
        cuts = [rows * stream // streams for stream in range(streams + 1)]
        self.parts = [table.slice(first, last - first) for first, last in zip(cuts, cuts[1:])]

    def do_get(self, _context, ticket):
        part = self.parts[int(ticket.ticket)]
        return flight.GeneratorStream(part.schema, part.to_batches(max_chunksize=BATCH_ROWS))


if __name__ == "__main__":
    server = Bare(*map(int, sys.argv[1:]))
    print(f"flight grpc://127.0.0.1:{server.port}", flush=True)
    server.serve()
