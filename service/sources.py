"""Where settings come from, and what people are told of those that are wrong.

Nothing here repeats a value: it may be a secret.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskengine.errors import RiskEngineError
from riskengine.words import Text

if TYPE_CHECKING:
    from pydantic import ValidationError

PREFIX = "RISKENGINE_"
FOLDER = "RISKENGINE_SECRETS_DIR"
OTHERS = frozenset({FOLDER, "RISKENGINE_CACHE", "RISKENGINE_FUZZ"})
"""Variables that are no settings of the service: where secret files are, whether kernels are
kept compiled, and how deep the tests' fuzzing goes."""
UNUSABLE = 78
"""Exit code (EX_CONFIG of sysexits.h) where something is wrong that no restart mends."""

Fault = tuple[Text, Text]
"""What is wrong, and what to do."""
GENERAL = Text(
    "更正此变量，或删去它以用缺省值（见 README.md 的设置表）",
    "correct the variable, or unset it for its default (table of settings in README.md)",
)
KINDS: dict[str, Text] = {
    "int_parsing": Text("须为整数", "must be a whole number"),
    "int_from_float": Text("须为整数", "must be a whole number"),
    "float_parsing": Text("须为数字", "must be a number"),
    "bool_parsing": Text("须为 true 或 false", "must be true or false"),
    "greater_than_equal": Text("不得小于 {ge}", "must not be below {ge}"),
    "greater_than": Text("须大于 {gt}", "must be above {gt}"),
    "less_than_equal": Text("不得大于 {le}", "must not be above {le}"),
    "less_than": Text("须小于 {lt}", "must be below {lt}"),
    "too_short": Text("至少 {min_length} 个字符", "must have at least {min_length} characters"),
    "string_too_short": Text(
        "至少 {min_length} 个字符", "must have at least {min_length} characters"
    ),
    "literal_error": Text("须为其一：{expected}", "must be one of {expected}"),
    "enum": Text("须为其一：{expected}", "must be one of {expected}"),
}
"""What pydantic's kinds of error mean to people."""
CURES = {
    "too_short": Text(
        '以 python3 -c "import secrets; print(secrets.token_urlsafe(48))" 生成一个',
        'python3 -c "import secrets; print(secrets.token_urlsafe(48))" makes one',
    )
}
"""What to do where the table of settings does not say it."""
OTHERWISE = Text("取值不合要求", "has a value that cannot be taken")


class SettingsRefused(RiskEngineError):
    """Settings that cannot be used.

    Parameters
    ----------
    faults : sequence of (Text, Text)
        At least one: what is wrong, and what to do.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__(*self.faults[0])


class Wrong(ValueError):
    """A value that a check of ours refuses.

    Parameters
    ----------
    wrong, cure : Text
        What is wrong with it, after its name, and what to do.
    """

    def __init__(self, wrong: Text, cure: Text) -> None:
        super().__init__(wrong.en)
        self.wrong, self.cure = wrong, cure


def listed(value: Any) -> Any:
    """Return a list that was written as text: separated by commas, or in JSON.

    Parameters
    ----------
    value : object
        As a variable or an argument gives it.

    Returns
    -------
    object
        A list of what stands in a text; anything else as it is.

    Raises
    ------
    Wrong
        If it begins as JSON does, and is none.

    Examples
    --------
    >>> listed("RS256, ES256"), listed('["a,b"]'), listed("")
    (['RS256', 'ES256'], ['a,b'], [])
    """
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise Wrong(
                Text("不是有效的 JSON 列表", "is no list in JSON"),
                Text('写作 a,b 或 ["a", "b"]', 'write it as a,b or as ["a", "b"]'),
            ) from None
    return [part.strip() for part in value.split(",") if part.strip()]


def check_sources(names: Iterable[str], environment: Mapping[str, str]) -> None:
    """Refuse variables and secret files that nobody reads, and files that nobody can read.

    Parameters
    ----------
    names : iterable of str
        Settings of the service.
    environment : mapping
        Variables by name.

    Raises
    ------
    SettingsRefused
        If there are any.
    """
    known = {f"{PREFIX}{name.upper()}" for name in names} | OTHERS
    faults = [_unknown(name, known) for name in sorted(environment) if _strange(name, known)]
    folder = next((value for name, value in environment.items() if name.upper() == FOLDER), "")
    if folder:
        faults += _of_folder(Path(folder), known)
    if faults:
        raise SettingsRefused(faults)


def _strange(name: str, known: set[str]) -> bool:
    return name.upper().startswith(PREFIX) and name.upper() not in known


def _unknown(name: str, known: set[str]) -> Fault:
    """What is said of a name that nobody reads."""
    ends = sorted(one.removeprefix(PREFIX) for one in known)
    near = get_close_matches(name.upper().removeprefix(PREFIX), ends, 1)
    cure = Text("删去它，或按 README.md 的设置表改名", "unset it, or name it as README.md does")
    if near:
        cure = Text(
            f"是否要写 {PREFIX}{near[0]}？否则删去它",
            f"perhaps {PREFIX}{near[0]}? otherwise unset it",
        )
    return Text(f"没有名为 {name} 的设置", f"there is no setting {name}"), cure


def _of_folder(folder: Path, known: set[str]) -> Iterator[Fault]:
    """What is wrong with the folder of secret files; others' files in it are left alone."""
    try:
        for path in sorted(folder.iterdir()):
            if path.name.upper() in known and path.is_file():
                with path.open("rb"):
                    pass
            elif _strange(path.name, known):
                yield _unknown(path.name, known)
    except OSError as fault:
        at = fault.filename or folder
        yield (
            Text(f"{FOLDER} 的 {at} 无法读取", f"{at} of {FOLDER} cannot be read"),
            Text("指定存在的文件夹，并使运行服务的用户可读其文件",
                 "name a folder that is there, its files readable by the service's user"),
        )  # fmt: skip


def faults_of(fault: "ValidationError") -> list[Fault]:
    """Return what is wrong with settings, in words for people.

    Parameters
    ----------
    fault : ValidationError
        As reading them raised it.

    Returns
    -------
    list of (Text, Text)
        One for each setting that is wrong; no values.
    """
    return [_said(one) for one in fault.errors(include_url=False, include_input=False)]


def _said(error: Any) -> Fault:
    name = f"{PREFIX}{error['loc'][0]!s}".upper()
    given = error.get("ctx", {})
    own = given.get("error")
    wrong, cure = (own.wrong, own.cure) if isinstance(own, Wrong) else (
        KINDS.get(error["type"], OTHERWISE).fill(**given),
        CURES.get(error["type"], GENERAL),
    )  # fmt: skip
    return Text(f"{name} {wrong.zh}", f"{name} {wrong.en}"), cure


def unreadable(fault: OSError) -> Fault:
    """Return what is said of a file that the service's user may not use.

    Parameters
    ----------
    fault : OSError
        As opening it raised it.

    Returns
    -------
    (Text, Text)
        What is wrong, naming the file, and what to do.
    """
    at = fault.filename
    return (
        Text(f"运行服务的用户无权使用 {at}", f"the service's user may not use {at}"),
        Text("把它交给该用户（chown），或改用其所有者运行",
             "give it to that user (chown), or run as who owns it"),
    )  # fmt: skip


def tell(faults: Iterable[Fault]) -> None:
    """Say what is wrong, and what to do, on the standard error.

    Parameters
    ----------
    faults : iterable of (Text, Text)
        What is to be said.
    """
    for wrong, cure in faults:
        sys.stderr.write(f"{wrong.zh}；{cure.zh}\n{wrong.en}; {cure.en}\n")
    sys.stderr.flush()
