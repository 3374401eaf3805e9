"""A model that the engine asks must look at columns of the table that it speaks of."""

from collections.abc import Iterator, Sequence

from models.price.settings import PriceSettings
from riskengine.errors import ModelError
from riskengine.learned.features import Feature
from riskengine.methods.learned import SINCE
from riskengine.rights import RIGHTS
from riskengine.words import Text

SINCE_UNIT = "year"
"""Unit of the time since a day."""


def refuse_strangers(features: Sequence[Feature], settings: PriceSettings) -> None:
    """Refuse features that the engine could not hand to the model, or in other units.

    Parameters
    ----------
    features : sequence of Feature
        What the model looks at.
    settings : PriceSettings
        Table and group; without a table nothing is asked of it.

    Raises
    ------
    ModelError
        With every fault: an unknown table, a column that it lacks, another kind or
        unit, codes that it does not know, a group that is no code.
    """
    faults = list(_faults(features, settings)) if settings.table else []
    if faults:
        told = "; ".join(faults)
        raise ModelError(
            Text(f"价格模型与权利表不符：{told}", f"the model does not fit its table: {told}"),
            Text("按 template 命令列出的列名、单位和代码填写",
                 "take names, units and codes of columns from the template command"),
        )  # fmt: skip


def _faults(features: Sequence[Feature], settings: PriceSettings) -> Iterator[str]:
    if settings.table not in RIGHTS:
        yield f"settings.table {settings.table!r} is none of {', '.join(RIGHTS)}"
        return
    columns = RIGHTS[settings.table].by_name
    for feature in features:
        since = feature.name.startswith(SINCE)
        column = columns.get(feature.name.removeprefix(SINCE))
        if column is None:
            yield f"features.{feature.name} is no column of {settings.table}"
        elif since or column.kind == "date":
            if not (since and column.kind == "date" and feature.unit == SINCE_UNIT):
                yield f"features.{feature.name} must be {SINCE}DAY of a day column, in years"
        elif (column.kind == "code") != (feature.kind == "category"):
            yield f"features.{feature.name} is a {column.kind} in {settings.table}"
        elif feature.kind == "category":
            unknown = [code for code in feature.codes if code not in column.codes]
            if unknown:
                yield f"features.{feature.name} has codes unknown there: {', '.join(unknown)}"
        elif column.kind == "number" and feature.unit != column.unit:
            yield f"features.{feature.name} is in {column.unit} there, not {feature.unit}"
    group = columns.get(settings.group)
    if group is None or group.kind != "code":
        yield f"settings.group {settings.group!r} is no code of {settings.table}"
