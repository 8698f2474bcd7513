"""Turns the docstrings of the Python client, which are written to be read in an editor, into Markdown (an extension of griffe):
examples become blocks, `:meth:` and its like become links, and runs of ``parameter``: meaning become lists."""

from __future__ import annotations

import re
from typing import Any

import griffe

# Classes that have a page; see docs/reference/python/objects.md.
_CLASSES = {
    "FeatureGroup", "FeatureRequest", "FeatureStore", "InsertParts", "InsertSession", "MangonelError", "Rows", "Run",
    "TrainingDataset",
}  # fmt: skip
_FUNCTIONS = {"connect", "statistics"}
_ROLE = re.compile(r":(?:meth|func|class|attr|data|mod):`([\w.]+)`")
# Where the meaning of a parameter begins: at the start of a sentence, one or several names in double quotes, then a colon.
_PARAMETER = re.compile(r"(?:^|(?<=[.;] ))(?=``\w+``(?:, ``\w+``)*(?:, [\w ]+)?: )")
# Sentences after parameters that are about the whole again.
_WHOLE = re.compile(r"(?<=\. )(?=(?:Raises|When the|A version|Readers|The rest|Up to) )")


class Docstrings(griffe.Extension):
    """Rewrites every docstring once, when its object has been read, and puts what is not offered behind all that is."""

    def on_module_members(self, *, mod: griffe.Module, **_: Any) -> None:
        for member in mod.members.values():
            if member.is_alias and member.target_path.startswith("mangonel.not_offered."):
                member.alias_lineno = (member.alias_lineno or 0) + 1_000_000

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring:
            obj.docstring.value = markdown(obj.docstring.value, obj.module.path)


def markdown(text: str, module: str) -> str:
    """A docstring as Markdown."""
    paragraphs: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        # Code goes on after an empty line.
        if paragraph.startswith("    ") and paragraphs and paragraphs[-1].startswith("    "):
            paragraphs[-1] += "\n\n" + paragraph
        else:
            paragraphs.append(paragraph)
    return "\n\n".join(_paragraph(paragraph, module) for paragraph in paragraphs)


def _paragraph(text: str, module: str) -> str:
    if text.lstrip().startswith(">>>"):
        return f"```pycon\n{text}\n```"
    if text.startswith("    "):
        lines = [line.removeprefix("    ") for line in text.splitlines()]
        return "```python\n" + "\n".join(lines) + "\n```"
    text = text.replace("`docs/compatibility.md`", "[Compatibility](../../compatibility.md)")
    text = _ROLE.sub(lambda match: _link(match[1], module), text)
    if text.lstrip().startswith("- "):
        return text
    text = " ".join(line.strip() for line in text.splitlines())
    first, *parameters = _PARAMETER.split(text)
    if not parameters:
        return "\n\n".join(part.strip() for part in re.split(r"(?<=\. )(?=Raises )", text))
    *items, last = parameters
    last, *rest = _WHOLE.split(last, maxsplit=1)
    listed = "\n".join(f"- {item.strip()}" for item in [*items, last])
    whole = [part.strip() for found in rest for part in re.split(r"(?<=\. )(?=Raises )", found)]
    return "\n\n".join(part for part in [first.strip(), listed, *whole] if part)


def _link(name: str, module: str) -> str:
    parts = name.removeprefix("mangonel.").split(".")
    if parts[0] in _CLASSES or (parts[0] in _FUNCTIONS and (name.startswith("mangonel.") or module != "mangonel.featurestore")):
        return f"[`{'.'.join(parts)}`][mangonel.{'.'.join(parts)}]"
    if module == "mangonel.featurestore" and len(parts) == 1:
        return f"[`{name}`][{module}.{name}]"
    return f"`{name}`"
