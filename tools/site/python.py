"""The Python reference, from what pdoc reads of the package: ``python -m tools.site.python FILE``, with an interpreter
that has pdoc. FILE becomes the reference, as page.py writes it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import pdoc.doc

from tools.script import expect, start
from tools.site.page import Reference, code, fenced, first_sentence, index, paragraphs, prose, table

PACKAGE = "callkey"
# The command's own modules are no interface, and the errors are a page of the package.
WITHOUT = {"cli", "errors"}

PUBLIC_BASE = re.compile(r"^Secret$|Error$")


def short(text: str) -> str:
    """An annotation or a signature as a caller writes it: without the modules in which the classes are."""
    text = re.sub(rf"\b{PACKAGE}\.(?:\w+\.)*(?=\w)", "", text)
    text = text.replace("collections.abc.", "").replace("os.PathLike", "PathLike").replace("typing.", "")
    text = text.replace("Union[bytes, bytearray, memoryview, Secret, NoneType]", "Buffer | Secret | None")
    text = text.replace("Union[bytes, bytearray, memoryview, Secret]", "Buffer | Secret")
    text = text.replace("Union[bytes, bytearray, memoryview]", "Buffer").replace("~Self", "Self")
    text = re.sub(r"<(\w+\.\w+): [^>]*>", r"\1", text)
    return re.sub(r"(\(\s*)(self|cls)(: [^,)]*)?(,\s*|(?=\)))", r"\1", text)


def public(holder: pdoc.doc.Class) -> list[pdoc.doc.Doc[object]]:
    """The members of a class that this package has written."""
    return [
        member
        for member in holder.members.values()
        if not member.name.startswith("_") and member.taken_from[0].split(".")[0] == PACKAGE
    ]


def declaration(function: pdoc.doc.Function, name: str) -> str:
    signature = short(str(function.signature))
    return f"{name}{signature}"


def described(docstring: str, arguments: Iterable[str] = ()) -> str:
    """A docstring as Markdown. A paragraph whose lines begin with an argument and a colon becomes a table."""
    parts = []
    names = "|".join(map(re.escape, arguments))
    for part in re.split(r"\n\s*\n", inspect.cleandoc(docstring)):
        if names and re.match(rf"(?:{names}): ", part):
            rows = re.split(rf"^({names}): ", part, flags=re.MULTILINE)[1:]
            cells = ((code(name), prose(" ".join(text.split()))) for name, text in zip(rows[::2], rows[1::2]))
            parts.append(table(["", "what it holds"], cells))
        else:
            parts.append(paragraphs(part, "python"))
    return "\n\n".join(parts)


def arguments_of(function: pdoc.doc.Function) -> list[str]:
    return list(function.signature.parameters)


def member_text(member: pdoc.doc.Doc[object], owner: str, level: str) -> str:
    name = f"{owner}.{member.name}"
    parts = [f"{level} {member.name} {{ #{name} }}"]
    if isinstance(member, pdoc.doc.Function):
        of_class = member.is_classmethod or member.is_staticmethod
        parts.append(fenced("python", declaration(member, name if of_class else member.name)))
    elif isinstance(member, pdoc.doc.Variable):
        value = short(member.default_value_str)
        parts.append(fenced("python", member.name + short(member.annotation_str) + (f" = {value}" if value else "")))
    given = arguments_of(member) if isinstance(member, pdoc.doc.Function) else []
    parts.append(described(member.docstring, given))
    return "\n\n".join(parts)


def base(module: str, name: str) -> str:
    return f"[{code(name)}](errors.md#{name})" if module == f"{PACKAGE}.errors" else code(name)


def class_text(found: pdoc.doc.Class, level: str = "###", own: bool = False) -> str:
    """All of a class but its name. Headings are of that level; with ``own`` it has the members that its bases lack."""
    names = [name for name in found.members if name[0] != "_"]
    given = found.members.get("__init__")
    names += arguments_of(given) if isinstance(given, pdoc.doc.Function) else []
    parts = [described(found.docstring, names)]
    # Secret and errors are public; what else a class shares with others is not.
    bases = [base(module, name.split(".")[-1]) for module, name, _ in found.bases if PUBLIC_BASE.search(name)]
    if bases:
        parts.append("Bases: " + ", ".join(bases))
    init = found.members.get("__init__")
    own_init = init is not None and init.taken_from[0].startswith(PACKAGE)
    if isinstance(init, pdoc.doc.Function) and own_init and "NoReturn" not in str(init.signature):
        parts.append(fenced("python", declaration(init, found.name).replace(" -> None", "")))
    members = [each for each in public(found) if not own or each.taken_from[1] == f"{found.name}.{each.name}"]
    bare = [each for each in members if isinstance(each, pdoc.doc.Variable) and not each.docstring]
    if bare:
        rows = []
        for each in bare:
            told = short(each.annotation_str).removeprefix(": ")
            numbered = re.fullmatch(r"<\w+\.\w+: (.*)>", each.default_value_str)
            told = told or (numbered[1] if numbered else each.default_value_str) or "…"
            rows.append((code(each.name, f"{found.name}.{each.name}"), code(told)))
        parts.append(table(["attribute", "type or value"], rows))
    return "\n\n".join(parts + [member_text(each, found.name, level) for each in members if each not in bare])


def reference() -> Reference:
    site = Reference("reference/python", "Python")
    package = pdoc.doc.Module.from_name(PACKAGE)
    names = set(package.obj.__all__)
    members = [member for name, member in package.members.items() if name in names]
    classes = [each for each in members if isinstance(each, pdoc.doc.Class)]
    errors = [each for each in classes if each.taken_from[0] == f"{PACKAGE}.errors"]
    classes = [each for each in classes if each not in errors]
    functions = [each for each in members if isinstance(each, pdoc.doc.Function)]
    constants = [each for each in members if isinstance(each, pdoc.doc.Variable)]
    expect(len(classes) > 20 and len(errors) > 20 and functions and constants, "pdoc did not find the package's parts")

    overview = [paragraphs(inspect.cleandoc(package.docstring), "python")]
    pages: list[object] = []
    for each in sorted(classes, key=lambda each: each.name.lower()):
        pages.append(site.add(each.name, each.name, class_text(each, "##")))
        name_all(site, f"reference/python/{each.name}.md", each, anchor="")
    functions_text = "\n\n".join(function_text(each) for each in functions)
    for each in functions:
        site.names[each.name] = f"reference/python/functions.md#{each.name}"
    errors_text = "\n\n".join(f"## {each.name} {{ #{each.name} }}\n\n{class_text(each, own=True)}" for each in errors)
    for each in errors:
        name_all(site, "reference/python/errors.md", each, anchor=f"#{each.name}")
    constants_text = table(
        ["name", "value"],
        ((code(each.name, each.name), code(short(each.default_value_str))) for each in constants),
    )
    for each in constants:
        site.names[each.name] = f"reference/python/constants.md#{each.name}"

    heads = {"Classes": classes, "Functions": functions, "Errors": errors}
    for head, group in heads.items():
        overview.append(f"## {head}\n\n" + index({each.name: first_sentence(each.docstring) for each in group}))
    site.navigation = [
        site.add("index", "Python reference", "\n\n".join(overview)),
        site.add("functions", "Functions", functions_text),
        {"Classes": pages},
        site.add("errors", "Errors", errors_text),
        site.add("constants", "Constants", constants_text),
    ]
    for module in modules(package.obj.__path__):
        site.navigation.append(module_page(site, module))
    return site


def modules(path: Iterable[str]) -> Iterator[pdoc.doc.Module]:
    """The other public modules: those that say with __all__ what is public."""
    for found in pkgutil.iter_modules(path):
        if found.name[0] != "_" and found.name not in WITHOUT:
            module = importlib.import_module(f"{PACKAGE}.{found.name}")
            if hasattr(module, "__all__"):
                yield pdoc.doc.Module(module)


def function_text(found: pdoc.doc.Function) -> str:
    heading = f"## {found.name} {{ #{found.name} }}"
    declared = fenced("python", declaration(found, found.name))
    return "\n\n".join([heading, declared, described(found.docstring, arguments_of(found))])


def module_page(site: Reference, module: pdoc.doc.Module) -> dict[str, str]:
    """A page with all of a module."""
    title = module.modulename
    path = f"reference/python/{title}.md"
    parts = [paragraphs(inspect.cleandoc(module.docstring), "python")]
    for name, member in module.members.items():
        if name not in module.obj.__all__:
            continue
        if isinstance(member, pdoc.doc.Class):
            parts += [f"## {name} {{ #{name} }}", class_text(member, own=name.endswith("Error"))]
            name_all(site, path, member, anchor=f"#{name}")
        elif isinstance(member, pdoc.doc.Function):
            parts.append(function_text(member))
        else:
            parts += [f"## {name} {{ #{name} }}", paragraphs(inspect.cleandoc(member.docstring))]
        # On its own page a name is the module's, elsewhere the package's, which may have the same one.
        site.names[f"{path}:{name}"] = f"{path}#{name}"
        site.names.setdefault(name, f"{path}#{name}")
    return site.add(title, title, "\n\n".join(parts))


def name_all(site: Reference, path: str, found: pdoc.doc.Class, anchor: str) -> None:
    site.names.setdefault(found.name, path + anchor)
    for member in public(found):
        site.names.setdefault(f"{found.name}.{member.name}", f"{path}#{found.name}.{member.name}")


def main(arguments: list[str]) -> None:
    # Some annotations name what a module imports for the type checker only. pdoc shows their text all the same.
    warnings.filterwarnings("ignore", "Error parsing type annotation|Failed to run TYPE_CHECKING code")
    reference().write(Path(arguments[0]))


if __name__ == "__main__":
    start(main)
