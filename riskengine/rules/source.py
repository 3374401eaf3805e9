"""A TOML file of the rules whose faults name file, line and table."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskengine.errors import RuleError
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class RuleSource:
    """One file of the rules, and where in it things stand.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    raw : bytes
        What it holds.
    """

    path: Path
    raw: bytes

    def tables(self) -> Mapping[str, Any]:
        """Return the file's tables.

        Returns
        -------
        mapping of str to object
            By name.

        Raises
        ------
        RuleError
            If the file is not TOML in UTF-8.
        """
        try:
            return tomllib.loads(self.raw.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise self.fault("", str(fault)) from fault

    def fault(self, name: str, told: str, key: str = "", entry: int = -1) -> RuleError:
        """Return an error that names file, line, table and fault.

        Parameters
        ----------
        name : str
            Table; empty for the file as a whole.
        told : str
            What is wrong.
        key : str
            Key of the table at fault.
        entry : int
            Which of the table's values, from 0; -1 for the table itself.

        Returns
        -------
        RuleError
            To be raised.
        """
        line = self._line(name, key, entry)
        where = f"{self.path.name}:{line}" if line else self.path.name
        where += f" [{name}]" if name else ""
        return RuleError(
            Text(f"规则文件 {where} 有误：{told}", f"rule file {where}: {told}"),
            Text("请按规则格式改正", "correct it as the format of rules asks"),
        )

    def _line(self, name: str, key: str, entry: int) -> int:
        """Line of a rule, of its nth value or of a key in it; 0 where it cannot be told."""
        head = rf"\[\[{re.escape(name)}\.value\]\]" if entry >= 0 else rf"\[{re.escape(name)}\]"
        heads, found = 0, 0
        for number, text in enumerate(self.raw.decode("utf-8", "replace").splitlines(), 1):
            if re.match(rf"\s*{head}", text):
                heads += 1
                if heads > max(entry, 0):
                    found = number
            elif found and re.match(r"\s*\[", text):
                break
            if key and found and heads > max(entry, 0) and re.match(rf"\s*{key}\s*=", text):
                return number
        return found
