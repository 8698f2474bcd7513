"""Writes the pages of the site that come from code, while mkdocs builds it (a hook of mkdocs.yml):

- `reference/cli/`: a page per command, from the `--help` of the binary at MANGONEL_BINARY;
- `reference/errors.md`: from `error.proto`, the exception classes of the Python client, and `errors.toml`, which says what to do.

Pictures are put into the pages as they are, so that they follow the colours of the page.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Of the terminal that help is written for; it breaks longer lines.
WIDTH = 110
_pages: dict[str, str] = {}


def on_config(config: Any) -> Any:
    binary = Path(os.environ.get("MANGONEL_BINARY", ROOT / "target" / "release" / "mangonel"))
    if not binary.is_file():
        raise PluginError(f"no binary to ask for its commands: set MANGONEL_BINARY ({binary} is not there)")
    commands = _cli(binary)
    _pages.clear()
    _pages["reference/errors.md"] = errors_page()
    _pages["reference/cli/index.md"] = _cli_index(commands)
    for command in commands.subcommands:
        _pages[f"reference/cli/{command.name}.md"] = _cli_page(command)
    _nav_of(config.nav, "Command line").extend(
        {command.name: f"reference/cli/{command.name}.md"} for command in commands.subcommands
    )
    return config


def on_files(files: Any, config: Any) -> Any:
    for uri, text in _pages.items():
        files.append(File.generated(config, uri, content=text))
    return files


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    def picture(match: re.Match[str]) -> str:
        svg = (ROOT / "docs" / "pictures" / match["name"]).read_text()
        return f'<div class="shown">{svg}</div>'

    return re.sub(r'<p><img alt="[^"]*" src="[./]*pictures/(?P<name>[\w.]+)" ?/?></p>', picture, html)


def _nav_of(nav: Any, name: str) -> list[Any]:
    for entry in nav if isinstance(nav, list) else ():
        for title, below in entry.items() if isinstance(entry, dict) else ():
            if title == name:
                return below
            if found := _nav_of(below, name):
                return found
    return []


# The command line


@dataclass
class Command:
    # Without `mangonel`; empty for the program itself.
    path: list[str]
    about: str = ""
    usage: str = ""
    # What to write, and what it means.
    arguments: list[tuple[str, str]] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    notes: str = ""
    subcommands: list[Command] = field(default_factory=list)

    @property
    def name(self) -> str:
        return "-".join(self.path)

    @property
    def title(self) -> str:
        return " ".join(["mangonel", *self.path])


def _cli(binary: Path) -> Command:
    with tempfile.TemporaryDirectory() as folder:
        # Help shows the name that the program is called by.
        program = Path(folder) / "mangonel"
        program.symlink_to(binary.resolve())
        return _command(program, [])


def _command(program: Path, path: list[str]) -> Command:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MANGONEL_")}
    asked = subprocess.run(
        [program, *path, "--help"], capture_output=True, text=True, check=True, env={**environment, "COLUMNS": str(WIDTH)}
    )
    command, names = parse_help(asked.stdout, path)
    command.subcommands = [_command(program, [*path, name]) for name in names if name != "help"]
    return command


def parse_help(text: str, path: list[str]) -> tuple[Command, list[str]]:
    """A command out of its help as clap prints it, and the names of its subcommands. Lines are joined again where they were broken
    at the width of a terminal."""
    command = Command(path)
    section, sections = "", {"": []}
    for line in text.splitlines():
        if header := re.match(r"^(Usage|Commands|Arguments|Options|Examples):(.*)$", line):
            section = header[1]
            sections[section] = [header[2]]
        elif section == "Examples" and line and not line.startswith(" "):
            section = "notes"
            sections[section] = [line]
        else:
            sections[section].append(line)
    command.about = " ".join(line.strip() for line in sections[""] if line.strip())
    command.usage = " ".join(line.strip() for line in sections["Usage"] if line.strip())
    command.arguments = _entries(sections.get("Arguments", []))
    command.options = _entries(sections.get("Options", []))
    command.examples = _examples(sections.get("Examples", []))
    command.notes = " ".join(line.strip() for line in sections.get("notes", []) if line.strip())
    return command, [name for name, _ in _entries(sections.get("Commands", []))]


def _entries(lines: list[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if not line.strip():
            continue
        if indent <= 6:
            # Two spaces divide what to write from what it means; the short name, if any, is before it by one.
            written, _, meaning = line.strip().partition("  ")
            found.append((written, [meaning.strip()]))
        else:
            found[-1][1].append(line.strip())
    return [(written, _meaning(parts)) for written, parts in found]


def _meaning(parts: list[str]) -> str:
    values = [part for part in parts if part.startswith("- ")]
    text = " ".join(part for part in parts if part and part != "Possible values:" and part not in values)
    facts = {name: value.strip() for name, value in re.findall(r"\[(default|env|possible values): ?([^\]]*)\]", text)}
    text = re.sub(r"\s*\[(default|env|possible values): ?[^\]]*\]", "", text).strip()
    text = re.sub(r"<(\w+)>", r"`<\1>`", text).replace("|", "\\|")
    sentences = [text + ("" if text.endswith(".") else ".")] if text else []
    if values:
        sentences.append("One of " + ", ".join(_value(value) for value in values) + ".")
    if "possible values" in facts:
        sentences.append("One of " + ", ".join(f"`{value.strip()}`" for value in facts["possible values"].split(",")) + ".")
    # An empty text or 0 is how the program says that nothing was given.
    if facts.get("default") not in (None, '""', "0", ""):
        sentences.append(f"Default: `{facts['default']}`.")
    if "env" in facts:
        sentences.append(f"Also from `{facts['env'].partition('=')[0]}`.")
    return " ".join(sentences)


def _value(line: str) -> str:
    name, _, meaning = line.removeprefix("- ").partition(":")
    return f"`{name}`" + (f" ({meaning.strip()})" if meaning.strip() else "")


def _examples(lines: list[str]) -> list[str]:
    found: list[str] = []
    before = ""
    for line in (line.rstrip() for line in lines):
        if not line.strip():
            continue
        # What would have fitted behind the line before was not broken off, nor was the next example.
        first = line.split()[0]
        if found and first != "mangonel" and len(before) + 1 + len(first) > WIDTH:
            found[-1] += " " + line.strip()
        else:
            found.append(line.removeprefix("  "))
        before = line
    return found


def _cli_index(program: Command) -> str:
    rows = [f"| [`{command.title}`]({command.name}.md) | {command.about} |" for command in program.subcommands]
    return "\n".join([
        "# Command line",
        "",
        f"{program.about}. Each command explains itself with `--help`; these pages are that help.",
        "",
        "| command | does |",
        "|---|---|",
        *rows,
        "",
        "## Options of all commands",
        "",
        *_table("option", program.options),
        "",
        "Errors go to standard error, and the [exit status](../errors.md#command-line) says of which kind they are. "
        "`MANGONEL_LOG` sets what servers log: `debug`, or `info,mangonel_scheduler=debug`.",
        "",
        "## Examples",
        "",
        "```sh",
        *program.examples,
        "```",
        "",
    ])  # fmt: skip


def _cli_page(command: Command) -> str:
    lines = [f"# {command.title}", "", command.about + ".", ""]
    if command.subcommands:
        lines += ["| command | does |", "|---|---|"]
        lines += [f"| [`{below.title}`](#{below.name}) | {below.about} |" for below in command.subcommands]
        for below in command.subcommands:
            heading = f'## {below.title} {{ #{below.name} data-toc-label="{below.path[-1]}" }}'
            lines += ["", heading, "", below.about + ".", "", *_details(below)]
    else:
        lines += _details(command)
    lines += ["", "Beside these there are the [options of all commands](index.md#options-of-all-commands).", ""]
    return "\n".join(lines)


_OF_ALL = ("--server", "--project", "--output", "--color", "--config", "--timeout", "--help", "--version")


def _details(command: Command) -> list[str]:
    lines = ["```sh", command.usage, "```", ""]
    options = [option for option in command.options if not any(re.search(rf"(^|\s){name}\b", option[0]) for name in _OF_ALL)]
    # The usage has shown the others already.
    if arguments := [argument for argument in command.arguments if argument[1]]:
        lines += [*_table("argument", arguments), ""]
    if options:
        lines += [*_table("option", options), ""]
    if command.examples:
        lines += ["Examples:", "", "```sh", *command.examples, "```", ""]
    if command.notes:
        lines += [command.notes, ""]
    return lines


def _table(what: str, entries: list[tuple[str, str]]) -> list[str]:
    rows = [f"| `{written}` | {meaning} |".replace("`<", "`<") for written, meaning in entries]
    return [f"| {what} | meaning |", "|---|---|", *rows]


# Errors


def errors_page() -> str:
    """The list of errors. Raises ``PluginError`` where the three places that know of errors do not agree."""
    codes = _codes(ROOT / "proto" / "mangonel" / "v1" / "error.proto")
    classes = _classes(ROOT / "client" / "python" / "src" / "mangonel" / "errors.py")
    advice = tomllib.loads((HERE / "errors.toml").read_text())
    if different := set(classes) ^ set(advice):
        raise PluginError(f"docs/site/errors.toml and the exception classes differ: {', '.join(sorted(different))}")
    if different := {known.code for known in classes.values()} ^ set(codes):
        raise PluginError(f"error.proto and the exception classes differ: {', '.join(sorted(different))}")
    exits = _exit_statuses(ROOT / "client" / "cli" / "src" / "main.rs")
    rows = []
    for code in codes:
        # The class of the code first, then those of its reasons.
        of_code = sorted((known for known in classes.values() if known.code == code), key=lambda known: known.depth)
        for known in of_code:
            rows.append(f"| `{code}` | `{known.name}` | {_in_table(known.meaning)} | {_in_table(advice[known.name])} |")
    of_status = {status: [f"`{code}`" for code in codes if exits.get(code) == status] for status in sorted(set(exits.values()))}
    return "\n".join([
        "# Errors",
        "",
        "An error has a *code*, a message that says what is wrong and what to do, and the names involved. Some have a *reason* "
        "too, which is a class of its own in Python. All problems of one request come at once.",
        "",
        "| code | exception | meaning | what to do |",
        "|---|---|---|---|",
        *rows,
        "",
        "Which code comes with a reason is the server's business: the table has the one that it nearly always has.",
        "",
        "## Python",
        "",
        "All classes are in `mangonel.errors` and are `MangonelError`. The class of a reason is also one of its code, so that "
        "`except NotFound` catches `FeatureNotFound`. `error.code`, `error.names` and `error.problems` are for programs.",
        "",
        "## Command line",
        "",
        "The message is on standard error, after `error: `. The exit status says of which kind it is:",
        "",
        "| status | code |",
        "|---|---|",
        "| 0 | no error |",
        "| 1 | all others |",
        *[f"| {status} | {', '.join(named)}{_also(status)} |" for status, named in of_status.items()],
        "",
        "## Other clients",
        "",
        "Over Arrow Flight an error is a gRPC status. The trailer `x-mangonel-error-bin` holds the whole of it, as the JSON of "
        "`mangonel.v1.Error` in `proto/mangonel/v1/error.proto`.",
        "",
    ])  # fmt: skip


def _also(status: int) -> str:
    return ", and command lines that make no sense" if status == 2 else ""


def _in_table(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


def _codes(proto: Path) -> list[str]:
    return [name.lower() for name in re.findall(r"ERROR_CODE_(\w+) = [1-9]", proto.read_text())]


@dataclass
class Class:
    name: str
    code: str
    meaning: str
    depth: int


def _classes(source: Path) -> dict[str, Class]:
    """The exception classes, without the one of them all. The code is that of the nearest class above that says one."""
    found = {"MangonelError": Class("MangonelError", "internal", "", 0)}
    for node in ast.parse(source.read_text()).body:
        if not isinstance(node, ast.ClassDef):
            continue
        bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in found]
        if not bases:
            continue
        above = found[bases[0]]
        own = [
            statement.value.value
            for statement in node.body
            if isinstance(statement, ast.Assign) and statement.targets[0].id == "code" and isinstance(statement.value, ast.Constant)
        ]
        meaning = " ".join((ast.get_docstring(node) or "").split())
        found[node.name] = Class(node.name, own[0] if own else above.code, meaning, above.depth + 1)
    del found["MangonelError"]
    return found


def _exit_statuses(source: Path) -> dict[str, int]:
    """Exit statuses of the command line by code, from the one match that decides them."""
    body = re.search(r"fn exit_code\(.*?\n\}", source.read_text(), re.DOTALL)
    arms = re.findall(r"^\s*((?:ErrorCode::\w+(?: \| )?)+) => (\d+),", body[0], re.MULTILINE) if body else []
    if not arms:
        raise PluginError(f"no exit statuses found in {source}")
    found = {}
    for codes, status in arms:
        for code in re.findall(r"ErrorCode::(\w+)", codes):
            found[re.sub(r"(?<!^)(?=[A-Z])", "_", code).lower()] = int(status)
    return found
