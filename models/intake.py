"""Reading a messy file: encodings, codes, values that stand for missing, arithmetic."""

import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from openpyxl.utils.exceptions import InvalidFileException

from models.arithmetic import evaluate, holds, names_of, sources_of
from models.config import Config
from riskengine.errors import ModelError
from riskengine.learned.features import Feature, encode
from riskengine.words import Text

UNREADABLE = (
    OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, SyntaxError,
    OverflowError, RuntimeError, zipfile.BadZipFile, zlib.error, InvalidFileException,
)  # fmt: skip
"""What readers raise on a file that is cut, altered or of another kind."""


def read_table(path: Path) -> pd.DataFrame:
    """Read a file as an analyst has it.

    Parameters
    ----------
    path : pathlib.Path
        Parquet, Excel, or CSV in UTF-8 (with or without BOM) or GB18030.

    Returns
    -------
    pandas.DataFrame
        Its rows.

    Raises
    ------
    ModelError
        If it is missing, empty, cut or of another kind.
    """
    try:
        table = _read(path)
    except UNREADABLE as fault:
        why = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        why = why.replace(str(path), path.name)
        raise ModelError(
            Text(f"{path.name} 无法读取（{why}）", f"{path.name} cannot be read ({why})"),
            Text(
                "请给完整的 Parquet、Excel 或 CSV 文件",
                "give a whole Parquet, Excel or CSV file",
            ),
        ) from fault
    if table.empty or not len(table.columns):
        raise refused_data([f"{path.name} holds no rows"])
    return table


def _read(path: Path) -> pd.DataFrame:
    kind = path.suffix.lower()
    if kind == ".parquet":
        return pd.read_parquet(path)
    if kind in {".xlsx", ".xlsm"}:
        return _headed(path, partial(pd.read_excel, path))
    return _headed(path, partial(pd.read_csv, path, encoding=_encoding(path), low_memory=False))


def _headed(path: Path, read: Callable[..., Any]) -> pd.DataFrame:
    """Rows under their headings; pandas would rename a heading that stands twice."""
    head = read(header=None, nrows=1)
    names = [str(name).strip() for name in head.iloc[0]] if len(head) else []
    doubled = sorted({name for name in names if names.count(name) > 1 and name != "nan"})
    if doubled:
        raise refused_data([f"{path.name}: columns stand twice: {', '.join(doubled)}"])
    return pd.DataFrame(read())


def _encoding(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise ValueError("neither UTF-8 nor GB18030")


def derived(table: pd.DataFrame, config: Config, outcome: bool = True) -> pd.DataFrame:
    """Return the columns as the configuration means them.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows as read.
    config : Config
        Columns wanted, messy codes, values that stand for missing, arithmetic.
    outcome : bool
        Whether target and weight must be there.

    Returns
    -------
    pandas.DataFrame
        The same rows; the index counts them from 1.

    Raises
    ------
    ModelError
        If a column is missing or stands twice, or an expression cannot be computed.
    """
    table = table.copy()
    table.index = pd.RangeIndex(1, len(table) + 1)
    table.columns = [str(name).strip() for name in table.columns]
    faults = [f"columns stand twice: {name}" for name in _doubled(table)]
    wanted = _wanted(config, outcome)
    made = {name: text for name, text in config.derive.items() if name in wanted}
    lacking = sorted(wanted - set(made) - set(table.columns))
    faults += [f"column {name} is missing" for name in lacking]
    if faults:
        raise refused_data(faults)
    for name in table.columns[[isinstance(kind, pd.CategoricalDtype) for kind in table.dtypes]]:
        table[name] = table[name].astype(table[name].cat.categories.dtype)
    touched = [*config.missing, *(name for name in config.recode if name not in config.missing)]
    for name in touched:
        if name not in config.derive and name in table.columns:
            table[name] = _cleaned(table[name], name, config)
    for name, text in made.items():
        table[name] = evaluate(text, table)
        table[name] = _cleaned(table[name], name, config)
    for feature in config.features:
        if feature.kind == "category":
            table[feature.name] = _codes(table[feature.name])
    return table


def _wanted(config: Config, outcome: bool) -> frozenset[str]:
    """Columns that rows must have: of those that are derived, what they are derived from."""
    names = {config.id, config.date, config.place, *(one.name for one in config.features)}
    names |= names_of(config.keep) if config.keep else set()
    if outcome:
        names |= {config.weight, config.target.column, *config.groups, *config.fairness}
        names |= {*config.recode, *config.missing, *config.derive}
        names |= {name for pair in config.order for name in pair}
    return sources_of((name for name in names if name), config.derive)


def _cleaned(column: "pd.Series[Any]", name: str, config: Config) -> "pd.Series[Any]":
    """Values that stand for missing taken out, messy codes put right."""
    if name in config.missing:
        column = column.where(~column.isin(config.missing[name]))
    return _recoded(column, config.recode[name]) if name in config.recode else column


def _recoded(column: "pd.Series[Any]", codes: Mapping[str, str]) -> "pd.Series[Any]":
    text = _texts(column)
    text = text.map(lambda code: codes.get(code, code), na_action="ignore")
    return text.where(text.ne(""))


def numbers(column: "pd.Series[Any]") -> "pd.Series[float]":
    """Return cells as numbers; text, days and spans of time are none.

    Parameters
    ----------
    column : pandas.Series
        Cells of any kind.

    Returns
    -------
    pandas.Series
        float64 with NaN for what is no number.
    """
    if column.dtype.kind in "mM" or isinstance(column.dtype, pd.DatetimeTZDtype):
        return pd.Series(np.nan, index=column.index)
    return pd.to_numeric(column, errors="coerce").astype(float)


def _doubled(table: pd.DataFrame) -> list[str]:
    return sorted({str(name) for name in table.columns[table.columns.duplicated()]})


def _codes(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Codes as text: whole numbers without their point, missing as None."""
    text = _texts(column)
    return text.where(text.notna() & text.ne(""), None).astype(object).where(text.notna(), None)


def _texts(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Cells as text without blanks around; whole numbers without their point."""
    if pd.api.types.is_float_dtype(column.dtype):
        known = column.dropna()
        if (known % 1 == 0).all() and (known.abs() < 2**53).all():
            column = column.astype("Int64")
    return column.astype("string").str.strip()


def kept_rows(table: pd.DataFrame, config: Config) -> NDArray[np.bool_]:
    """Return the rows that the configuration keeps.

    Parameters
    ----------
    table : pandas.DataFrame
        As `derived` gives it.
    config : Config
        Its condition, or none.

    Returns
    -------
    (n,) bool
        Rows that count.

    Raises
    ------
    ModelError
        If the condition cannot be computed.
    """
    if config.keep is None:
        return np.ones(len(table), dtype=bool)
    return holds(config.keep, table)


def matrix(
    table: pd.DataFrame, config: Config, features: tuple[Feature, ...]
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Return rows without outcomes as a released model wants them.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows as read.
    config : Config
        How the model was made: messy codes, arithmetic, rows that count.
    features : tuple of Feature
        What it looks at, as released.

    Returns
    -------
    tuple
        The rows that count, and (features, n) float64; what is no number is missing.

    Raises
    ------
    ModelError
        If a column is missing, a number is infinite or no row is kept.
    """
    rows = derived(table, config, outcome=False)
    rows = rows[kept_rows(rows, config)]
    if rows.empty:
        raise refused_data(["keep leaves no row"])
    columns = {
        one.name: rows[one.name].to_numpy(object)
        if one.kind == "category"
        else numbers(rows[one.name]).to_numpy(float)
        for one in features
    }
    return rows, encode(columns, features)[0]


def refused_data(faults: list[str]) -> ModelError:
    """Return the error that refuses training data.

    Parameters
    ----------
    faults : list of str
        All that is wrong.

    Returns
    -------
    ModelError
        To raise.
    """
    told = "; ".join(faults)
    return ModelError(
        Text(f"训练数据有 {len(faults)} 处错误：{told}", f"the training data: {told}"),
        Text(
            "请改正数据，或在配置中用 keep、missing、recode、reject_share 说明如何处理",
            "mend the data, or say in the configuration what to do: keep, missing, recode,"
            " reject_share",
        ),
    )
