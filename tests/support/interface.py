"""The interface for systems as docs/reference has it: the page drawn from the OpenAPI document, and the document itself."""

import json
from collections.abc import Iterator
from typing import Any

_WORDS = {"default": "缺省", "minimum": "最小", "maximum": "最大", "maxLength": "最长", "pattern": "写法"}


def document() -> str:
    """Return the OpenAPI document as docs/reference/openapi.json holds it."""
    from lantai.api.urls import description

    return json.dumps(description(), ensure_ascii=False, indent=1) + "\n"


def page() -> str:
    """Draw every call with its parameters, what it takes and gives, then every value."""
    told = json.loads(document())
    calls = [part for path, methods in told["paths"].items() for method, call in methods.items() for part in _call(method, path, call)]
    values = [part for name, schema in told["components"]["schemas"].items() if "properties" in schema for part in _value(name, schema)]
    return "\n\n".join([*calls, "## Values", *values])


def _call(method: str, path: str, call: dict[str, Any]) -> Iterator[str]:
    yield f"## {method.upper()} {path}"
    yield f"{call['summary']}。{call.get('description', '')}"
    if parameters := call.get("parameters"):
        rows = [f"| `{row['name']}` | {row['in']} | {_kind(row['schema'])} | {_says(row['schema'] | row)} |" for row in parameters]
        yield "\n".join(["| parameter | in | kind | what |", "|---|---|---|---|", *rows])
    if body := call.get("requestBody"):
        ((kind, content),) = body["content"].items()
        yield f"Body: {_kind(content['schema']) if kind == 'application/json' else f'{kind}，{body["description"]}'}"
    given = {code: _kind(row["content"]["application/json"]["schema"]) for code, row in call["responses"].items() if "content" in row}
    good = [f"{code} {kind}" for code, kind in given.items() if code < "300"]
    bad = ", ".join(code for code in given if code >= "300")
    yield f"Answers: {'; '.join(good)}; {bad} [Ending](#ending)"


def _value(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"### {name}"
    if said := schema.get("description"):
        yield said.split("\n\n")[0]
    rows = [f"| `{key}` | {_kind(row)} | {_says(row)} |" for key, row in schema["properties"].items()]
    yield "\n".join(["| field | kind | what |", "|---|---|---|", *rows])


def _kind(schema: dict[str, Any]) -> str:
    if name := schema.get("$ref", "").rpartition("/")[2]:
        return f"[{name}](#{name.lower()})"
    if parts := schema.get("anyOf"):
        return " or ".join(_kind(part) for part in parts)
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("type", "any"))


def _says(row: dict[str, Any]) -> str:
    limits = [f"{word} {row[key]}" for key, word in _WORDS.items() if row.get(key) not in (None, "", [])]
    said = "；".join([*filter(None, [row.get("description") or row.get("items", {}).get("description", "")]), *limits])
    return said.replace("|", "\\|")
