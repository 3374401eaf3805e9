"""The OpenAPI document (3.1) completed: what every operation has in common is said once here.

Routes say what is their own: parameters, bodies, answers, statuses.  Names and words of the
operations stand in ``operations.toml``; headers, limits of the guards and units are added.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.auth.caller import SCOPE_WORDS
from service.schemas.base import problems

WORDS = Path(__file__).with_name("operations.toml")
METHODS = ("get", "put", "post", "patch", "delete")
DESCRIPTION = """\
农村产权押品与融资担保的评分服务：能否抵押、值多少、可贷多少、风险几何、为何如此。

The scoring service for rural collateral and guarantees: may it be pledged, what is it worth,
what may be lent on it, at what risk, and why.

- 金额为元，面积为亩或平方米，利率为年化，比例为小数；单位见 `x-unit`。日期为 YYYY-MM-DD，
  `created_on` 决定效力，`valued_on` 决定价值与比率。
  Money is yuan, areas mu or m2, rates effective per year, shares fractions: see `x-unit`.
  Days are YYYY-MM-DD; `created_on` decides what is valid, `valued_on` values and ratios.
- 错误为 problem+json（RFC 9457），`errors` 指明字段路径；语言按 Accept-Language。 Errors are
  problem+json, `errors` names the path of the field; language by Accept-Language.
- 未知字段、NaN、重复的请求头一律拒绝。任何请求都可能因形状得到 400、405、408、413 或 415。 Unknown
  fields, NaN and doubled headers are refused. Any request may meet 400, 405, 408, 413 or 415
  for its shape alone.
- 答复今后可能增加字段，客户端应忽略不认识的。 Answers may gain fields: ignore those that you do
  not know.
- 决定在答复之前已落盘，只追加，链式摘要，可逐字节重放。 A decision is durable before it is
  answered, append-only, hash-chained, and can be made again byte for byte.
"""
TAGS = {
    "scores": "评分 applications scored", "valuations": "估值 rights valued",
    "decisions": "决定 decisions: listed, explained, made again",
    "reviews": "人工复核 review by people", "books": "组合 portfolios",
    "jobs": "任务 long runs on a book", "rules": "规则 law and own rules, dated and cited",
    "models": "模型 models, their cards, shadow and promotion",
    "mappings": "代码对照表 own codes for the engine's words",
    "exports": "报送表 filings", "keys": "密钥 keys of an institution",
    "tenants": "机构 institutions", "operation": "运维 health, readiness, metrics",
}  # fmt: skip
HEADERS: dict[str, tuple[str, str]] = {
    "X-Trace-Id": ("string", "跟踪号，见于每一行日志 trace id, named in every log line"),
    "X-Request-Id": ("string", "请求号：客户端所给，否则为跟踪号 as given, else the trace id"),
    "RateLimit": ("string", '剩余次数与恢复秒数 what is left: `"requests";r=…;t=…`'),
    "RateLimit-Policy": ("string", '限额 the limit: `"requests";q=…;w=…`'),
    "Retry-After": ("integer", "多少秒后再试 when to try again [s]"),
    "ETag": ("string", "内容摘要，用于 If-None-Match 与 If-Match  digest of the content"),
    "Link": ("string", '下一页 next page: `<…>; rel="next"` (RFC 8288)'),
    "Location": ("string", "新建资源的地址 address of what was made"),
    "Idempotency-Replayed": ("string", "同一幂等键的原答复 `true`: the answer given before"),
    "WWW-Authenticate": ("string", "接受的认证方式 ways to authenticate"),
    "Content-Language": ("string", "文字的语言 language of the texts"),
}  # fmt: skip
"""Headers of answers: kind and words."""
ASKED: dict[str, str] = {
    "Accept-Language": "zh 或 en，默认 zh  language of texts",
    "If-None-Match": "已有内容的 ETag；未变则 304  what the reader has already",
    "If-Match": "所读内容的 ETag；无则不得更改现行内容 what was read: needed to change it",
    "Range": "取文件的一段 bytes=a-b  a part of the file",
}
"""Headers of requests that routes read by themselves."""
NEW_ONLY = "* : 只在尚无内容时设定 put it only where there is none"
BARRED = ("If-None-Match", True)
"""The header, and whether it stands before a change: there it asks for something else."""
UNITS = {
    "yuan": "yuan", "mu": "mu", "m2": "m2", "bytes": "byte", "months": "month", "days": "day",
    "hours": "h", "minute": "1/minute", "year": "1/year", "years": "year", "share": "1",
    "pd": "1",
}  # fmt: skip
"""Units by the last word of a number's name, where its schema does not say."""


def operations() -> dict[str, dict[str, Any]]:
    """Return names and words of the operations.

    Returns
    -------
    dict of str to dict
        By method and path, such as ``POST /v1/scores``: ``name``, and ``zh`` and ``en`` with
        summary and description.
    """
    told = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return {one["at"]: {"name": name, **one} for name, one in told.items()}


def each(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the operations of a document.

    Parameters
    ----------
    document : dict
        OpenAPI document.

    Yields
    ------
    tuple of (str, dict)
        Method and path, and the operation.
    """
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def complete(document: dict[str, Any]) -> None:
    """Complete a document in place.

    Parameters
    ----------
    document : dict
        As the framework makes it.
    """
    words = operations()
    document["info"] |= {
        "description": DESCRIPTION,
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }
    document["servers"] = [{"url": "/", "description": "本服务 this service"}]
    document["tags"] = [{"name": name, "description": said} for name, said in TAGS.items()]
    for at, operation in each(document):
        if at in words:
            _name(operation, words[at])
        _statuses(operation)
        _parameters(operation)
        _headers(at, operation)
    components = document["components"]
    components["headers"] = {
        name: {"description": said, "schema": {"type": kind}}
        for name, (kind, said) in HEADERS.items()
    }
    _units(document)


def text_of(document: dict[str, Any]) -> str:
    """Return a document as it is committed: one key a line, in a fixed order.

    Parameters
    ----------
    document : dict
        OpenAPI document.

    Returns
    -------
    str
        JSON with a line feed at the end.
    """
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _name(operation: dict[str, Any], said: dict[str, Any]) -> None:
    """Give an operation its name and words."""
    operation["operationId"] = said["name"]
    operation["summary"] = f"{said['zh'][0]} {said['en'][0]}"
    scopes = [scope for way in operation.get("security", ()) for names in way.values()
              for scope in names]  # fmt: skip
    lines = [said["zh"][1], said["en"][1]]
    lines += [f"权限 scope: `{scope}` ({SCOPE_WORDS[scope]})" for scope in dict.fromkeys(scopes)]
    operation["description"] = "\n\n".join(lines)


def _statuses(operation: dict[str, Any]) -> None:
    """Add what the guards in front of every route answer."""
    added = [400] + ([408, 413, 415] if "requestBody" in operation else [])
    for status, said in problems(*added).items():
        operation["responses"].setdefault(str(status), said)
    for answer in operation["responses"].values():
        if answer["description"] == "Successful Response":
            answer["description"] = "Done 成功"
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _parameters(operation: dict[str, Any]) -> None:
    """Add the request headers that an operation reads."""
    answers, held = operation["responses"], operation.setdefault("parameters", [])
    wanted = ["Accept-Language"]
    wanted += ["If-None-Match"] if "304" in answers else []
    wanted += ["If-Match", "If-None-Match"] if "428" in answers else []
    wanted += ["Range"] if "206" in answers else []
    for one in held:
        if one["in"] == "header":
            one["name"] = "-".join(part.capitalize() for part in one["name"].split("-"))
    known = {one["name"].lower() for one in held}
    held += [
        {"name": name, "in": "header", "required": False,
         "description": NEW_ONLY if (name, "428" in answers) == BARRED else ASKED[name],
         "schema": {"type": "string"}}
        for name in wanted if name.lower() not in known
    ]  # fmt: skip


def _headers(at: str, operation: dict[str, Any]) -> None:
    """Add the headers that answers carry."""
    answers = operation["responses"]
    keyed = any(one["name"].lower() == "idempotency-key" for one in operation["parameters"])
    for status, answer in answers.items():
        names = ["X-Trace-Id", "X-Request-Id"]
        names += ["RateLimit", "RateLimit-Policy"] if "security" in operation else []
        names += {"401": ["WWW-Authenticate"], "429": ["Retry-After"], "503": ["Retry-After"]}.get(
            status, []
        )
        good = status < "300"
        tagged = "304" in answers or "412" in answers
        names += ["ETag"] if status == "304" or (good and tagged) else []
        names += ["Link"] if good and at in LINKED else []
        names += ["Location"] if at in LOCATED and good else []
        names += ["Idempotency-Replayed"] if good and keyed and at not in UNREPLAYED else []
        names += ["Content-Language"] if status >= "400" else []
        held = answer.setdefault("headers", {})
        held |= {name: {"$ref": f"#/components/headers/{name}"} for name in names}


LINKED = frozenset({"GET /v1/decisions", "GET /v1/decisions/review-queue"})
LOCATED = frozenset({"POST /v1/books", "POST /v1/books/{book_id}/jobs"})
UNREPLAYED = frozenset({"POST /v1/scores/batch"})
"""Each item of a batch says for itself whether it was answered before."""


def _units(part: Any) -> None:
    """Say the unit of every number whose name tells it and whose schema does not."""
    if isinstance(part, list):
        for one in part:
            _units(one)
    if not isinstance(part, dict):
        return
    properties = part.get("properties")
    if isinstance(properties, dict):
        for name, schema in properties.items():
            unit = UNITS.get(name.rpartition("_")[2])
            if unit and isinstance(schema, dict) and is_number(schema) and not units_in(schema):
                schema["x-unit"] = unit
    for one in part.values():
        _units(one)


def is_number(schema: dict[str, Any]) -> bool:
    """Return whether a schema takes a number.

    Parameters
    ----------
    schema : dict
        JSON Schema of one cell.

    Returns
    -------
    bool
        True for a number or an integer, null or not.
    """
    kinds = [schema, *schema.get("anyOf", ())]
    return any(one.get("type") in ("number", "integer") for one in kinds)


def units_in(schema: dict[str, Any]) -> list[str]:
    """Return the units that a cell's schema names.

    Parameters
    ----------
    schema : dict
        JSON Schema of one cell.

    Returns
    -------
    list of str
        Of the schema, or of its alternatives.
    """
    return [one["x-unit"] for one in [schema, *schema.get("anyOf", ())] if "x-unit" in one]
