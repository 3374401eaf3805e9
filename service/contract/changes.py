"""What of a new document would break clients of an old one: only additions are allowed.

What the service takes may grow, what it answers may not shrink.  A request that fitted still
fits; a field that was answered is still answered, of the same type.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from service.contract.document import each

Schema = Mapping[str, Any]
LOW = ("minimum", "exclusiveMinimum", "minLength", "minItems")
HIGH = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def broken(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return what would break clients.

    Parameters
    ----------
    old, new : dict
        OpenAPI documents.

    Returns
    -------
    list of str
        One line a fault; empty where every change only adds.
    """
    present = dict(each(new))
    found: list[str] = []
    for at, operation in each(old):
        if at not in present:
            found.append(f"{at}: is gone")
            continue
        found += _operation(at, operation, present[at], _Pairs(old, new))
    return list(dict.fromkeys(found))


def _operation(at: str, old: Schema, new: Schema, pairs: "_Pairs") -> Iterator[str]:
    """Faults of one operation."""
    if old["operationId"] != new["operationId"]:
        yield f"{at}: is called {new['operationId']}, was {old['operationId']}"
    before, after = (
        {(one["in"], one["name"].lower()): one for one in side.get("parameters", ())}
        for side in (old, new)
    )
    for place, one in before.items():
        where = f"{at} {place[0]} {place[1]}"
        if place not in after:
            yield f"{where}: is gone"
        else:
            yield from pairs.taken(one["schema"], after[place]["schema"], where)
    for place, one in after.items():
        was = before.get(place, {}).get("required", False)
        if one.get("required") and not was:
            yield f"{at} {place[0]} {place[1]}: must now be given"
    yield from _bodies(f"{at} body", old.get("requestBody"), new.get("requestBody"), pairs)
    for status, answer in old["responses"].items():
        if status not in new["responses"]:
            yield f"{at} {status}: is gone"
            continue
        present = new["responses"][status].get("content", {})
        for form, media in answer.get("content", {}).items():
            if form not in present:
                yield f"{at} {status} {form}: is gone"
            else:
                yield from pairs.given(
                    media.get("schema", {}), present[form].get("schema", {}), f"{at} {status}"
                )


def _bodies(where: str, old: Any, new: Any, pairs: "_Pairs") -> Iterator[str]:
    """Faults of what is sent."""
    if new is not None and old is None and new.get("required"):
        yield f"{where}: must now be given"
    for form, media in (old or {}).get("content", {}).items():
        present = (new or {}).get("content", {})
        if form not in present:
            yield f"{where} {form}: is gone"
        else:
            yield from pairs.taken(media.get("schema", {}), present[form].get("schema", {}), where)


class _Pairs:
    """Schemas of two documents side by side; a pair is looked at once."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self.old, self.new = (one["components"]["schemas"] for one in (old, new))
        self.seen: set[tuple[str, str, str]] = set()

    def taken(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        """Faults of what the service takes: everything that fitted must fit."""
        yield from self._compare(old, new, where, "taken")

    def given(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        """Faults of what the service answers: it must fit what was said."""
        yield from self._compare(old, new, where, "given")

    def _compare(self, old: Schema, new: Schema, where: str, way: str) -> Iterator[str]:
        names = str(old.get("$ref", "")), str(new.get("$ref", ""))
        if any(names):
            if (*names, way) in self.seen:
                return
            self.seen.add((*names, way))
            where = names[0].rpartition("/")[2] or where
        old, new = _whole(old, self.old), _whole(new, self.new)
        before, after = _options(old), _options(new)
        if len(before) > 1 or len(after) > 1:
            yield from self._choices(before, after, where, way)
            return
        yield from _types(old, new, where, way)
        if way == "taken":
            yield from _narrower(old, new, where)
        yield from self._members(old, new, where, way)

    def _choices(
        self, before: list[Schema], after: list[Schema], where: str, way: str
    ) -> Iterator[str]:
        """Each alternative that was taken, or is answered, has one that it fits."""
        fits, wanted = (after, before) if way == "taken" else (before, after)
        for one in wanted:
            faults = [
                list(_Pairs.between(self, one, other, where, way))
                for other in sorted(fits, key=lambda other: _mark(other) != _mark(one))
            ]
            if faults and all(faults):
                yield from faults[0][:5]

    def between(self, one: Schema, other: Schema, where: str, way: str) -> Iterator[str]:
        """Faults of two alternatives, ``one`` of them wanted."""
        old, new = (one, other) if way == "taken" else (other, one)
        kept, self.seen = self.seen, set(self.seen)
        try:
            yield from self._compare(old, new, where, way)
        finally:
            self.seen = kept

    def _members(self, old: Schema, new: Schema, where: str, way: str) -> Iterator[str]:
        """Faults of fields and items."""
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name in after:
                yield from self._compare(schema, after[name], f"{where}.{name}", way)
            elif way == "given" or new.get("additionalProperties") is False:
                yield f"{where}.{name}: is gone"
        must = set(old.get("required", ())), set(new.get("required", ()))
        added, lost = must[1] - must[0], must[0] - must[1]
        for name in sorted(added if way == "taken" else lost & after.keys()):
            yield f"{where}.{name}: " + (
                "must now be given" if way == "taken" else "may now be missing"
            )
        for inner in ("items", "additionalProperties"):
            if isinstance(old.get(inner), Mapping) and isinstance(new.get(inner), Mapping):
                yield from self._compare(old[inner], new[inner], f"{where}[]", way)


def _whole(schema: Schema, schemas: Mapping[str, Any]) -> Schema:
    """A schema with its reference followed."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema


def _options(schema: Schema) -> list[Schema]:
    """Alternatives of a schema."""
    return list(schema.get("anyOf") or schema.get("oneOf") or [schema])


def _mark(schema: Schema) -> str:
    """By what an alternative is known."""
    return str(schema.get("$ref") or schema.get("type"))


def _types(old: Schema, new: Schema, where: str, way: str) -> Iterator[str]:
    """Faults of types and choices."""
    kinds = [
        set(one["type"] if isinstance(one["type"], list) else [one["type"]])
        if "type" in one else None
        for one in (old, new)
    ]  # fmt: skip
    before, after = kinds
    fits = (before, after) if way == "taken" else (after, before)
    if fits[1] is not None and (fits[0] is None or not fits[0] <= fits[1] | _wider(fits[1])):
        yield f"{where}: is {sorted(after or ['anything'])}, was {sorted(before or ['anything'])}"
    choices = [set(map(str, one["enum"])) if "enum" in one else None for one in (old, new)]
    if (
        way == "taken"
        and choices[1] is not None
        and (choices[0] is None or not choices[0] <= choices[1])
    ):
        yield f"{where}: takes fewer choices"


def _wider(kinds: set[str]) -> set[str]:
    """What fits as well: every integer is a number."""
    return {"integer"} if "number" in kinds else set()


def _narrower(old: Schema, new: Schema, where: str) -> Iterator[str]:
    """Faults of ranges and patterns of what is taken."""
    for name in LOW:
        if name in new and (name not in old or new[name] > old[name]):
            yield f"{where}: {name} is {new[name]}, was {old.get(name, 'none')}"
    for name in HIGH:
        if name in new and (name not in old or new[name] < old[name]):
            yield f"{where}: {name} is {new[name]}, was {old.get(name, 'none')}"
    if new.get("pattern") not in (None, old.get("pattern")):
        yield f"{where}: has another pattern"
    if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
        yield f"{where}: takes no further members"
