"""Reads the fenced blocks of a Markdown page, with what the comment before a block says of it.

    <!-- not run: it needs an account at S3 -->      the block is not run, and this is why
    <!-- exits with 3 -->                            the last command of the block must fail so
    <!-- again until it matches -->                  what takes its time: the block is run until its output is as shown
    <!-- numbers within 20 % -->                     the output's numbers differ from machine to machine, but not by more
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

RUN = ("sh", "python")
OUTPUT = "text"
# Blocks that are read, never run: pictures of folders, parts of files, and the like.
SHOWN = ("none", "json", "toml")

_FENCE = re.compile(r"^(\s*)(```+)\s*([\w-]*)(.*)$")
_COMMENT = re.compile(r"^\s*<!--\s*(not run|exits with|again until it matches|numbers within)\s*:?\s*(.*?)\s*-->\s*$")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass
class Block:
    language: str
    code: str
    # Of the first line of code, from 1.
    line: int
    not_run: str | None = None
    exits_with: int = 0
    again: bool = False
    # How far the numbers of the output may be off, in percent.
    percent: float = 0
    # What the block must print, where the page shows it.
    output: str | None = None


def blocks(page: Path) -> list[Block]:
    """All blocks of a page that are run, or would be but for a reason. Raises ``ValueError`` for one that nobody knows how to
    take, and for a comment that stands before none."""
    found: list[Block] = []
    lines = page.read_text().splitlines()
    number, comments = 0, {}
    last: Block | None = None  # The block that an output belongs to: nothing but empty lines is between them.
    while number < len(lines):
        line = lines[number]
        number += 1
        if comment := _COMMENT.match(line):
            comments[comment[1]] = comment[2]
            continue
        fence = _FENCE.match(line)
        if not fence:
            if line.strip():
                if comments:
                    raise ValueError(f"{page}:{number}: a comment for a block, and no block after it")
                last = None
            continue
        indent, ticks, language, _ = fence.groups()
        first = number + 1
        body = []
        while number < len(lines) and lines[number].strip() != ticks:
            body.append(lines[number])
            number += 1
        if number == len(lines):
            raise ValueError(f"{page}:{first - 1}: a block without an end")
        number += 1
        code = "".join(line.removeprefix(indent) + "\n" for line in body)
        if language == OUTPUT:
            if last is None:
                raise ValueError(f"{page}:{first - 1}: an output that does not follow a block; `none` is for what is no output")
            last.output, last = code, None
        elif language in RUN:
            last = Block(
                language,
                code,
                first,
                not_run=comments.get("not run"),
                exits_with=int(comments.get("exits with", 0)),
                again="again until it matches" in comments,
                percent=float(comments.get("numbers within", "0").removesuffix("%")),
            )
            found.append(last)
        elif language not in SHOWN:
            raise ValueError(f"{page}:{first - 1}: no block is of the language `{language}`")
        comments = {}
    return found


def difference(expected: str, got: str, percent: float = 0) -> str | None:
    """What is wrong with an output; None when it is as expected. `...` stands for the rest of a line, or alone for any lines.
    Numbers may be off by ``percent``. How wide a gap is does not count: columns are as wide as what is in them."""
    shown = got
    if percent and len(_NUMBER.findall(expected)) == len(_NUMBER.findall(got)):
        wanted = iter(_NUMBER.findall(expected))

        def close(number: re.Match[str]) -> str:
            other = next(wanted)
            return other if abs(float(number[0]) - float(other)) <= percent / 100 * abs(float(other)) else number[0]

        got = _NUMBER.sub(close, got)
    pattern = ""
    for line in expected.strip("\n").splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += r"[^\n]*?".join(re.escape(part) for part in re.split(r" *\.\.\. *", _narrow(line))) + r" *\n"
    output = "".join(_narrow(line) + "\n" for line in got.strip("\n").splitlines())
    if re.fullmatch(pattern, output):
        return None
    return f"expected\n{textwrap.indent(expected, '    ')}got\n{textwrap.indent(shown, '    ')}"


def _narrow(line: str) -> str:
    return re.sub(" {2,}", " ", line.rstrip())
