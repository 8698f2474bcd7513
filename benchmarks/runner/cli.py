"""The command line: one subcommand per benchmark, each a module with `add_arguments` and `run`."""

import argparse
import sys
from pathlib import Path

from . import clients, compare, encode, formats, main_job, memory, smoke
from .binaries import ROOT
from .report import Disagreement

SUBCOMMANDS = {
    "encode": encode, "main-job": main_job, "formats": formats, "memory": memory, "clients": clients, "compare": compare, "smoke": smoke,
}


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description="Measures Mangonel on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module in SUBCOMMANDS.items():
        command = commands.add_parser(name, help=module.__doc__.splitlines()[0], description=module.__doc__)
        if hasattr(module, "MEASURES"):
            command.add_argument("--out", type=Path, metavar="FILE", help="where the result goes; benchmarks/results/ unless given")
            command.add_argument("--work", type=Path, metavar="DIR", default=ROOT / "target" / "benchmarks",
                                 help="folder for data and stores (default: %(default)s)")
            command.add_argument("--keep", action="store_true", help="leave the stores behind for a look")
        module.add_arguments(command)
    try:
        return module_of(parser, arguments)
    except Disagreement as error:
        print(f"the benchmark does not measure what it claims: {error}", file=sys.stderr)
        return 1


def module_of(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    chosen = parser.parse_args(arguments)
    return SUBCOMMANDS[chosen.command].run(chosen) or 0
