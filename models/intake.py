"""Reading a messy file: encodings, codes, values that stand for missing, arithmetic."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.arithmetic import evaluate
from models.config import Config
from riskengine.errors import ModelError
from riskengine.words import Text


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
        if path.suffix == ".parquet":
            table = pd.read_parquet(path)
        elif path.suffix in {".xlsx", ".xlsm"}:
            table = pd.read_excel(path)
        else:
            table = _read_csv(path)
    except (OSError, ValueError, KeyError, pd.errors.ParserError, EOFError) as fault:
        raise ModelError(
            Text(f"{path.name} 无法读取（{fault}）", f"{path.name} cannot be read ({fault})"),
            Text(
                "请给完整的 Parquet、Excel 或 CSV 文件",
                "give a whole Parquet, Excel or CSV file",
            ),
        ) from fault
    if table.empty or not len(table.columns):
        raise refused_data([f"{path.name} holds no rows"])
    return table


def _read_csv(path: Path) -> pd.DataFrame:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return pd.read_csv(path, encoding=encoding, low_memory=False)
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
    faults = [f"columns stand twice: {name}" for name in _doubled(table)]
    sources = {config.id, config.date, *config.recode, *config.missing}
    known = (config.place, config.weight, config.target.column) if outcome else (config.place,)
    sources |= {name for name in known if name}
    made = set(config.derive)
    wanted = sources | {feature.name for feature in config.features} | set(config.groups)
    lacking = sorted(wanted - made - set(table.columns))
    faults += [f"column {name} is missing" for name in lacking]
    if faults:
        raise refused_data(faults)
    for name in table.columns[[isinstance(kind, pd.CategoricalDtype) for kind in table.dtypes]]:
        table[name] = table[name].astype(table[name].cat.categories.dtype)
    for name, values in config.missing.items():
        table[name] = table[name].where(~table[name].isin(values))
    for name in [*(name for name in config.recode if name not in made), *config.derive]:
        if name in made:
            table[name] = evaluate(config.derive[name], table)
        if name in config.recode:
            table[name] = _recoded(table[name], config.recode[name])
    for feature in config.features:
        if feature.kind == "category":
            table[feature.name] = _codes(table[feature.name])
    return table


def _recoded(column: "pd.Series[Any]", codes: Mapping[str, str]) -> "pd.Series[Any]":
    text = column.astype("string").str.strip()
    text = text.map(lambda code: codes.get(code, code), na_action="ignore")
    return text.where(text.ne(""))


def _doubled(table: pd.DataFrame) -> list[str]:
    return sorted({str(name) for name in table.columns[table.columns.duplicated()]})


def _codes(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Codes as text: whole numbers without their point, missing as None."""
    if pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    text = column.astype("string").str.strip()
    return text.where(text.notna() & text.ne(""), None).astype(object).where(text.notna(), None)


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
    return np.broadcast_to(np.asarray(evaluate(config.keep, table), dtype=bool), (len(table),))


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
