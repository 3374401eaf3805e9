"""The law of places with an institution's own rules over it, made of files that are kept."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from riskengine.law import law_for
from riskengine.pledging.assess import LawOf
from riskengine.rules import statute_of
from riskengine.rules.overlay import known_places
from service.jobs.order import INSTITUTION


def law_of_files(
    files: Mapping[str, bytes], of: LawOf = statute_of, places: Collection[str] | None = None
) -> LawOf:
    """Return the law of places with an institution's rules over it.

    Parameters
    ----------
    files : mapping of str to bytes
        TOML by file name; none for the law alone.
    of : callable
        The law of places that they lie over.
    places : collection of str or None
        Places that have rules of their own by that law; those of the installed law when None.

    Returns
    -------
    callable
        From region code to rules; everything is read, the files are needed no more.

    Raises
    ------
    RuleError
        If a rule loosens the law of any place.
    """
    if not files:
        return of
    with laid_out(files) as folder:
        law = law_for(folder, of)
        for place in ("", *(known_places() if places is None else places)):
            law(place)
    return law


@contextmanager
def laid_out(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Lay files out in a folder whose name stands in what rules say of their origin.

    Parameters
    ----------
    files : mapping of str to bytes
        TOML by file name.

    Yields
    ------
    pathlib.Path
        The folder; it goes afterwards.
    """
    with TemporaryDirectory() as root:
        folder = Path(root) / INSTITUTION
        folder.mkdir()
        for name, content in files.items():
            (folder / Path(name).name).write_bytes(content)
        yield folder
