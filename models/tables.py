"""Tables in a terminal: words are folded, never cut."""

from rich.console import Console
from rich.table import Table

console = Console()
"""Where commands print."""


def grid(title: str, *heads: str) -> Table:
    """Return an empty table whose cells, but the first, fold where the terminal is narrow.

    Parameters
    ----------
    title : str
        Title; ``""`` for none.
    *heads : str
        Heads of the columns.

    Returns
    -------
    rich.table.Table
        The table.
    """
    shown = Table(title=title or None)
    for place, head in enumerate(heads):
        shown.add_column(head, overflow="fold", no_wrap=place == 0)
    return shown
