"""A guarantee programme: its layers in order, with every contradiction refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from riskengine.guarantee.checks import LayerFault, layer_faults, named, stages, structure_faults
from riskengine.guarantee.terms import PARTIES, Layer
from riskengine.portfolio.exposures import BookError
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Programme:
    """Who takes which part of a loss, in order; the rest stays with the lender.

    Parameters
    ----------
    name : str
        Name of the programme.
    layers : tuple of Layer
        Layers in the order of law and contract: insurance assigned to the lender, guarantors,
        their re-guarantors, funds and governments.  Neighbours that share, that form a tower
        or that re-guarantee the same party act on the same base.
    parties : mapping of str to Text
        Parties that may stand in it, with their titles; the lender is one of them.

    Raises
    ------
    BookError
        If the terms contradict themselves: the first fault, with the number of others.

    Examples
    --------
    >>> from riskengine.guarantee.terms import QuotaShare
    >>> Programme("2:8", (QuotaShare(party="guarantor", share=0.8),)).names
    ('quota_share 1',)
    """

    name: str
    layers: tuple[Layer, ...]
    parties: Mapping[str, Text] = field(default_factory=lambda: PARTIES)

    def __post_init__(self) -> None:
        """Refuse terms that contradict themselves."""
        found = faults_of(self.layers, self.parties)
        if found:
            first, more = found[0], len(found) - 1
            rest = Text(f"（另有{more}处）", f" (and {more} more)") if more else Text("", "")
            raise BookError(
                Text(f"方案{self.name}的{first.layer_id}层，{first.column}：{first.wrong.zh}{rest.zh}",
                     f"programme {self.name}, layer {first.layer_id}, {first.column}: "
                     f"{first.wrong.en}{rest.en}"),
                first.cure,
            )  # fmt: skip

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the layers."""
        return tuple(named(self.layers))

    @property
    def stages(self) -> list[list[int]]:
        """Positions of the layers that act on the same base, in order."""
        return stages(self.layers)


def faults_of(layers: Sequence[Layer], parties: Mapping[str, Text] = PARTIES) -> list[LayerFault]:
    """Return every fault of some layers.

    Parameters
    ----------
    layers : sequence of Layer
        Layers in order.
    parties : mapping of str to Text
        Known parties.

    Returns
    -------
    list of LayerFault
        Faults; how layers fit together is looked at once each is right by itself.
    """
    own = [
        fault
        for layer, name in zip(layers, named(layers), strict=True)
        for fault in layer_faults(layer, name, parties)
    ]
    return own or list(structure_faults(layers))
