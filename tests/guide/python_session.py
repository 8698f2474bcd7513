"""Runs the Python blocks of a page one after the other in one set of variables. Each line of standard input is a request; the
file that it names is written when the block is done."""

import ast
import json
import os
import sys
import traceback
from pathlib import Path

names: dict[str, object] = {"__name__": "__main__"}
for line in sys.stdin:
    request = json.loads(line)
    out = os.open(request["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    err = os.open(request["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(err, 2)
    status = 0
    try:
        # So that a traceback says where on the page it was.
        tree = ast.increment_lineno(ast.parse(request["code"], request["page"]), request["line"] - 1)
        exec(compile(tree, request["page"], "exec"), names)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # Renamed, so that whoever waits for it finds it whole.
    Path(request["done"] + ".new").write_text(str(status))
    os.rename(request["done"] + ".new", request["done"])
