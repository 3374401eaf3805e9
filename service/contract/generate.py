"""The typed client written from the document: types by datamodel-code-generator, then methods."""

import builtins
import keyword
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.contract.document import each, text_of

HEAD = '"""{title}  Written by ``python -m service client``: do not edit."""\n'
TYPES = (
    "--input-file-type", "openapi", "--output-model-type", "typing.TypedDict",
    "--target-python-version", "3.11", "--enum-field-as-literal", "all",
    "--use-standard-collections", "--use-union-operator", "--disable-timestamp",
    "--no-use-closed-typed-dict", "--formatters", "builtin",
)  # fmt: skip
JSON = "application/json"
PLAIN = {
    "string": "str", "integer": "int", "number": "float", "boolean": "bool",
    "object": "dict[str, Any]",
}  # fmt: skip
BUILT_IN = frozenset(dir(builtins))
HEADERS = ("If-Match", "If-None-Match", "Range", "Accept")
"""Request headers that a method takes beside the idempotency key."""


@dataclass(frozen=True, slots=True)
class Method:
    """One operation as a method.

    Parameters
    ----------
    name, at, words : str
        Its name, ``METHOD /path``, and what it does.
    places : tuple of str
        Parameters of the path.
    query : tuple of (str, str)
        Name and type of parameters of the query.
    headers : tuple of str
        Request headers.
    body, answer : str
        Types; empty where there is none.
    raw : bool
        Whether the body is bytes.
    keyed : bool
        Whether it takes an idempotency key.
    listed : tuple of (str, str, str) or None
        Parameter of the cursor, name and type of the items, where it is a list.
    """

    name: str
    at: str
    words: str
    places: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    headers: tuple[str, ...]
    body: str
    answer: str
    raw: bool
    keyed: bool
    listed: tuple[str, str, str] | None


def methods(document: dict[str, Any]) -> list[Method]:
    """Return the operations of a document as methods.

    Parameters
    ----------
    document : dict
        OpenAPI document.

    Returns
    -------
    list of Method
        In the order of the document.
    """
    return [_method(document, at, operation) for at, operation in each(document)]


def _method(document: dict[str, Any], at: str, operation: dict[str, Any]) -> Method:
    held = operation.get("parameters", [])
    inside = {place: [one for one in held if one["in"] == place] for place in
              ("path", "query", "header")}  # fmt: skip
    asked = operation.get("requestBody", {}).get("content", {})
    good = {status: answer.get("content", {}) for status, answer in operation["responses"].items()
            if status < "300"}  # fmt: skip
    forms = {form for content in good.values() for form in content}
    plain = next((content[JSON]["schema"] for content in good.values() if JSON in content), None)
    names = {one["name"].lower() for one in inside["header"]}
    headers = tuple(name for name in HEADERS if name.lower() in names
                    or (name == "Accept" and len(forms) > 1))  # fmt: skip
    answer = "None" if not forms else type_of(plain) if forms == {JSON} else "Any"
    return Method(
        operation["operationId"], at, operation["summary"],
        tuple(one["name"] for one in inside["path"]),
        tuple((one["name"], type_of(one["schema"])) for one in inside["query"]), headers,
        type_of(asked[JSON]["schema"]) if JSON in asked else "bytes" if asked else "",
        answer, bool(asked) and JSON not in asked, "idempotency-key" in names,
        _listed(document, plain, [one["name"] for one in inside["query"]]),
    )  # fmt: skip


def _listed(
    document: dict[str, Any], schema: dict[str, Any] | None, query: list[str]
) -> tuple[str, str, str] | None:
    """Cursor, name and type of items of a page."""
    cursor = next((name for name in ("cursor", "after") if name in query), None)
    if cursor is None or schema is None or "$ref" not in schema:
        return None
    page = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    items = [(name, cell) for name, cell in page.items() if cell.get("type") == "array"]
    if "next" not in page or len(items) != 1:
        return None
    return cursor, items[0][0], type_of(items[0][1]["items"])


def type_of(schema: dict[str, Any] | None) -> str:
    """Return a schema as a type.

    Parameters
    ----------
    schema : dict or None
        JSON Schema of a parameter, a body or an answer.

    Returns
    -------
    str
        Python's name of it; ``Any`` for what is not plain.
    """
    schema = schema or {}
    ways = schema.get("anyOf") or schema.get("oneOf")
    if "$ref" in schema:
        return "types." + str(schema["$ref"]).rpartition("/")[2]
    if ways:
        kinds = [type_of(one) for one in ways if one.get("type") != "null"]
        return " | ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return f"Literal[{', '.join(repr(one) for one in schema['enum'])}]"
    if schema.get("type") == "array":
        return f"list[{type_of(schema.get('items'))}]"
    return PLAIN.get(str(schema.get("type")), "Any")


def named(name: str) -> str:
    """Return a parameter's name as Python takes it.

    Parameters
    ----------
    name : str
        As the document names it.

    Returns
    -------
    str
        Lower case with underscores; with one behind it where it is a keyword or known.

    Examples
    --------
    >>> named("If-Match"), named("from"), named("format")
    ('if_match', 'from_', 'format_')
    """
    plain = re.sub(r"\W", "_", name).lower()
    return plain + "_" if keyword.iskeyword(plain) or plain in BUILT_IN else plain


def written(method: Method) -> str:
    """Return the source of a method.

    Parameters
    ----------
    method : Method
        What it does.

    Returns
    -------
    str
        Indented by four spaces.
    """
    verb, path = method.at.split(" ", 1)
    optional = [f"{named(name)}: {kind} | None = None" for name, kind in method.query]
    optional += [f"{named(name)}: str | None = None" for name in method.headers]
    optional += ["idempotency_key: str | None = None"] if method.keyed else []
    needed = [f"{named(name)}: str" for name in method.places]
    needed += [f"body: {method.body}"] if method.body else []
    needed += ['form: str = "application/octet-stream"'] if method.raw else []
    taken = ", ".join(["self", *needed, *(["*", *optional] if optional else [])])
    sent = [f'"{verb}", "{path}"']
    if method.places:
        sent.append(f"places={_dict((name, named(name)) for name in method.places)}")
    if method.query:
        sent.append(f"query={_dict((name, named(name)) for name, _ in method.query)}")
    headers = [(name, named(name)) for name in method.headers]
    headers += [("Idempotency-Key", "idempotency_key or uuid.uuid4().hex")] if method.keyed else []
    sent += [f"headers={_dict(headers)}"] if headers else []
    sent += ["body=body"] if method.body else []
    sent += ["form=form"] if method.raw else []
    call = f"self.send({', '.join(sent)})"
    head = f"    def {method.name}({taken}) -> {method.answer}:"
    lines = [head, f'        """{method.words}."""']
    if method.answer == "None":
        lines.append(f"        {call}")
    elif method.answer == "Any":
        lines.append(f"        return {call}.content")
    else:
        lines += [f"        found: {method.answer} = {call}.content", "        return found"]
    return "\n".join([*lines, *_iterator(method)]) + "\n"


def _iterator(method: Method) -> list[str]:
    """What yields the items of a list, page after page."""
    if method.listed is None:
        return []
    cursor, items, kind = method.listed
    query = [pair for pair in method.query if pair[0] != cursor]
    optional = [f"{named(name)}: {one} | None = None" for name, one in query]
    given = [named(name) for name in method.places]
    given += [f"{named(name)}={named(name)}" for name, _ in query]
    needed = [f"{named(name)}: str" for name in method.places]
    taken = ", ".join(["self", *needed, "*", *optional])
    call = f"self.{method.name}({', '.join([*given, f'{named(cursor)}=place'])})"
    return [
        "", f"    def each_of_{method.name}({taken}) -> Iterator[{kind}]:",
        f'        """{method.words}: every item, page after page."""',
        f'        return self.pages(lambda place: {call}, "{items}")',
    ]  # fmt: skip


def _dict(pairs: Any) -> str:
    return "{" + ", ".join(f'"{name}": {cell}' for name, cell in pairs) + "}"


def operations_source(document: dict[str, Any]) -> str:
    """Return the source of ``service/client/operations.py``, not formatted.

    Parameters
    ----------
    document : dict
        OpenAPI document.

    Returns
    -------
    str
        One class with a method an operation.
    """
    head = HEAD.format(title="Every operation of the service as a method.")
    imports = (
        "import uuid\nfrom collections.abc import Iterator\nfrom typing import Any, Literal\n\n"
        "from service.client import types\nfrom service.client.transport import Transport\n\n\n"
        'class Operations(Transport):\n    """Operations by their names in the document."""\n\n'
    )
    return head + "\n" + imports + "\n".join(written(one) for one in methods(document))


def types_source(document: dict[str, Any]) -> str:
    """Return the source of ``service/client/types.py``, not formatted.

    Parameters
    ----------
    document : dict
        OpenAPI document.

    Returns
    -------
    str
        One TypedDict a schema, by datamodel-code-generator.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "openapi.json", Path(folder) / "types.py"
        source.write_text(text_of(document), encoding="utf-8")
        generator = (sys.executable, "-m", "datamodel_code_generator")
        subprocess.run(
            [*generator, "--input", str(source), "--output", str(made), *TYPES], check=True
        )
        text = made.read_text(encoding="utf-8")
    head = HEAD.format(title="Bodies and answers of the service.")
    return head + "\n" + text.partition("\n\n")[2]


def formatted(source: str, path: Path) -> str:
    """Return source as the formatter of this checkout leaves it.

    Parameters
    ----------
    source : str
        Python.
    path : pathlib.Path
        Where it will stand, for the settings.

    Returns
    -------
    str
        Imports sorted, lines broken.
    """
    ruff = (sys.executable, "-m", "ruff")
    sorted_ = ("check", "--quiet", "--select", "I,F401", "--fix", "--exit-zero")
    for step in (sorted_, ("format", "--quiet")):
        done = subprocess.run(
            [*ruff, *step, "--stdin-filename", str(path), "-"], input=source, check=True,
            capture_output=True, encoding="utf-8",
        )  # fmt: skip
        source = done.stdout
    return source


def client_files(document: dict[str, Any], folder: Path) -> dict[Path, str]:
    """Return the generated files of the client.

    Parameters
    ----------
    document : dict
        OpenAPI document.
    folder : pathlib.Path
        Folder of the client.

    Returns
    -------
    dict of pathlib.Path to str
        Their sources, formatted.
    """
    sources = {"types.py": types_source(document), "operations.py": operations_source(document)}
    return {folder / name: formatted(text, folder / name) for name, text in sources.items()}
