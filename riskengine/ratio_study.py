"""The ratio study of a file of sales: figures for people, a page with plots."""

from pathlib import Path
from typing import Any

from riskengine.errors import PortfolioError
from riskengine.words import Language, Text


def study_file(
    path: Path, assessed: str, sale_price: str, stratum: str | None, out: Path | None,
    language: Language,
) -> dict[str, Any]:  # fmt: skip
    """Study the ratios of values to sale prices in a file.

    Parameters
    ----------
    path : pathlib.Path
        Parquet or CSV file.
    assessed, sale_price : str
        Columns of values and of prices [one currency].
    stratum : str or None
        Column by which the study is split.
    out : pathlib.Path or None
        Page to write.
    language : {"zh", "en"}
        Language of the page.

    Returns
    -------
    dict
        Figures by stratum.

    Raises
    ------
    PortfolioError
        If the file or a column cannot be read.
    """
    import pandas as pd

    from riskengine import appraisal

    try:
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError) as fault:
        raise PortfolioError(
            Text(f"无法读取 {path.name}", f"cannot read {path.name} ({fault})"),
            Text("请给出 Parquet 或 CSV 文件", "give a Parquet or CSV file"),
        ) from fault
    study = appraisal.ratio_study(frame, assessed=assessed, sale_price=sale_price, stratum=stratum)
    if out is not None:
        out.write_text(appraisal.ratio_study_page(study, language), encoding="utf-8")
    return {str(name): row for name, row in study.to_frame().to_dict("index").items()}
