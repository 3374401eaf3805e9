"""Whether every value of a configuration is of the kind that its key asks for."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

TEXTS = ("name", "kind", "form", "origin", "id", "date", "place", "weight", "keep", "outcome_on")
TABLES_OF_TEXT = ("derive", "allow")
LISTS_OF_TEXT = ("groups", "fairness", "outside")
DEEPEST = 4
"""Tables and lists inside each other that a setting may have."""

MOST_FOLDS = 50

Test = Callable[[Any], bool]


def is_text(value: Any) -> bool:
    """Whether a value is text that says something.

    Parameters
    ----------
    value : object
        Value.

    Returns
    -------
    bool
        True for text that is not blank.
    """
    return isinstance(value, str) and bool(value.strip())


def is_number(value: Any) -> bool:
    """Whether a value is a finite number that float64 can hold.

    Parameters
    ----------
    value : object
        Value.

    Returns
    -------
    bool
        False for a truth value too.
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e300


def is_bound(value: Any) -> bool:
    """Whether a value can end a range.

    Parameters
    ----------
    value : object
        Value.

    Returns
    -------
    bool
        True for finite and infinite numbers.
    """
    return is_number(value) or value in (float("inf"), float("-inf"))


def is_whole(value: Any, least: int, most: float) -> bool:
    """Whether a value is a whole number in a range.

    Parameters
    ----------
    value : object
        Value.
    least, most : float
        Ends, both inside.

    Returns
    -------
    bool
        False for a truth value.
    """
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_words(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) <= {"zh", "en"} and _all(value, str)


def _is_plain(value: Any, depth: int = DEEPEST) -> bool:
    if isinstance(value, Mapping | list):
        inner = value.values() if isinstance(value, Mapping) else value
        return depth > 0 and all(_is_plain(one, depth - 1) for one in inner)
    return isinstance(value, str | bool) or is_number(value)


def _is_cell(value: Any) -> bool:
    return isinstance(value, str | bool | date) or is_number(value)


def _all(values: Any, kind: Any) -> bool:
    inner = values.values() if isinstance(values, Mapping) else values
    return all(isinstance(one, kind) for one in inner)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(is_text(one) for one in value)


def _is_pair(value: Any) -> bool:
    return _is_texts(value) and len(value) == 2


def _is_bar(value: Any, deeper: bool = True) -> bool:
    if not isinstance(value, Mapping):
        return False
    return all(
        (deeper and name == "champion" and _is_bar(wanted, deeper=False))
        or (name.endswith(("_at_least", "_at_most")) and is_number(wanted))
        for name, wanted in value.items()
    )


def _is_search(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        is_whole(wanted, 1, MOST_FOLDS)
        if name == "folds"
        else isinstance(wanted, list) and bool(wanted) and _is_plain(wanted)
        for name, wanted in value.items()
    )


def _is_codes(value: Any) -> bool:
    return _is_texts(value) and len(set(value)) == len(value)


def _is_table_of(test: Test) -> Test:
    return lambda value: isinstance(value, Mapping) and all(test(one) for one in value.values())


TOP: Mapping[str, tuple[Test, str]] = {
    **dict.fromkeys(TEXTS, (is_text, "text")),
    **{key: (_is_table_of(is_text), "a table of texts") for key in TABLES_OF_TEXT},
    **dict.fromkeys(LISTS_OF_TEXT, (_is_texts, "a list of texts")),
    "seed": (lambda value: is_whole(value, 0, float("inf")), "a whole number >= 0"),
    "reject_share": (lambda value: is_number(value) and 0.0 <= value < 1.0, "a number in [0, 1)"),
    "not_for": (_is_words, "{zh = ..., en = ...}"),
    "target": (lambda value: isinstance(value, Mapping), "a table"),
    "split": (lambda value: isinstance(value, Mapping), "a table"),
    "features": (_is_table_of(lambda one: isinstance(one, Mapping)), "a table of tables"),
    "recode": (
        _is_table_of(lambda one: isinstance(one, Mapping) and _all(one, str)),
        "a table of tables of texts",
    ),
    "missing": (
        _is_table_of(lambda one: isinstance(one, list) and all(_is_cell(c) for c in one)),
        "a table of lists",
    ),
    "order": (
        lambda value: isinstance(value, list) and all(_is_pair(one) for one in value),
        'a list of pairs such as ["granted_on", "due_on"]',
    ),
    "settings": (_is_table_of(_is_plain), "a table of finite numbers, texts and lists"),
    "calibration": (_is_table_of(_is_plain), "a table of finite numbers, texts and lists"),
    "search": (_is_search, f"a table of lists, and folds a whole number in [1, {MOST_FOLDS}]"),
    "bar": (_is_bar, "a table of NAME_at_least or NAME_at_most to a number, and [bar.champion]"),
}
"""Test of every key of the top level, and what it asks for."""

TARGET: Mapping[str, tuple[Test, str]] = {
    "column": (is_text, "text"), "unit": (is_text, "text"), "low": (is_bound, "a number"),
    "high": (is_bound, "a number"), "definition": (_is_words, "{zh = ..., en = ...}"),
}  # fmt: skip
"""Keys of the target."""

FEATURE: Mapping[str, tuple[Test, str]] = {
    "kind": (is_text, "text"), "unit": (lambda value: isinstance(value, str), "text"),
    "direction": (lambda value: is_whole(value, -1, 1), "-1, 0 or 1"),
    "codes": (_is_codes, "a list of texts, each once"),
    "most_codes": (lambda value: is_whole(value, 1, 255), "a whole number in [1, 255]"),
    "low": (is_bound, "a number"), "high": (is_bound, "a number"),
    "title": (_is_words, "{zh = ..., en = ...}"),
    "code_titles": (_is_table_of(_is_words), "a table of {zh = ..., en = ...}"),
    "actionable": (lambda value: isinstance(value, bool), "true or false"),
}  # fmt: skip
"""Keys of a feature."""


def _is_share(value: Any) -> bool:
    return is_number(value) and 0.0 < value < 1.0


CALIBRATION: Mapping[str, tuple[Test, str]] = {
    "method": (is_text, "text"), "refit": (lambda value: isinstance(value, bool), "true or false"),
    "sample_rate": (_is_share, "a share in (0, 1)"),
    "target_rate": (_is_share, "a share in (0, 1)"),
    "central_tendency": (_is_share, "a share in (0, 1)"),
    "asset_correlation": (
        lambda value: is_number(value) and 0.0 <= value < 1.0, "a share in [0, 1)"
    ),
}  # fmt: skip
"""Keys of the calibration of a model of default."""


def shape_faults(content: Mapping[str, Any]) -> list[str]:
    """Return which values are not of the kind that their key asks for.

    Parameters
    ----------
    content : mapping
        As TOML gives it.

    Returns
    -------
    list of str
        Faults; unknown keys among them.
    """
    faults = list(_faults("", content, TOP))
    target, features = content.get("target"), content.get("features")
    if isinstance(target, Mapping):
        faults += _faults("target.", target, TARGET)
    if isinstance(features, Mapping):
        for name, one in features.items():
            if isinstance(one, Mapping):
                faults += _faults(f"features.{name}.", one, FEATURE)
    how = content.get("calibration")
    if content.get("kind") == "default" and isinstance(how, Mapping):
        faults += _faults("calibration.", how, CALIBRATION)
        if ("sample_rate" in how) != ("target_rate" in how):
            faults.append("calibration: sample_rate and target_rate go together")
    return faults


def _faults(
    where: str, content: Mapping[str, Any], keys: Mapping[str, tuple[Test, str]]
) -> Iterator[str]:
    for name in sorted(content):
        if name not in keys:
            yield f"unknown key {where}{name}"
        elif not keys[name][0](content[name]):
            yield f"{where}{name} must be {keys[name][1]}"
