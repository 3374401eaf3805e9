"""Payments of a guarantee book along paths: 50 programmes, 36 months, 8,192 paths."""

import os

from tests.bench.timing import best


def measure(groups: int = 50, months: int = 36, paths: int = 8192) -> tuple[list[float], int]:
    """Seconds on one thread and on all, of two layers and of six; group-months of all paths."""
    import numpy as np

    from riskengine.guarantee.algebra import pay_book
    from riskengine.guarantee.amounts import Amount
    from riskengine.guarantee.programme import Programme
    from riskengine.guarantee.terms import FirstLossFund, QuotaShare, RateCap, ReGuarantee

    two = (
        RateCap(party="guarantor", share=0.8, cap=Amount(rate=0.05)),
        ReGuarantee(party="province", share=0.4),
    )
    six = (
        RateCap(party="guarantor", share=0.4, cap=Amount(rate=0.05)),
        QuotaShare(party="province", share=0.3),
        QuotaShare(party="bank", share=0.2),
        QuotaShare(party="government", share=0.1),
        ReGuarantee(party="national", share=0.2),
        FirstLossFund(party="county_fund", share=0.5, fund_id="F", cedes_from="guarantor"),
    )
    losses = np.random.default_rng(20261126).integers(0, 10**8, (groups, months, paths))
    spent: list[float] = []
    for layers in (two, six):
        programmes = [Programme("bench", layers)] * groups
        pay_book(programmes[:1], losses[:1], [10**11])
        spent += [
            best(
                lambda p=programmes, t=threads: pay_book(p, losses, [10**11] * groups, threads=t), 3
            )
            for threads in (1, os.cpu_count() or 1)
        ]
    return spent, losses.size


def bench_guarantee() -> list[tuple[str, str]]:
    """Rows of the table of measurements."""
    (two, two_all, six, six_all), size = measure()
    return [
        (f"guarantee layers, {size:,} group-months on paths, two layers, s on one thread; on all",
         f"{two:.3f}; {two_all:.3f}"),
        ("the same, six layers: four sharing by largest remainder, re-guarantee, fund (aim < 0.1 s)",
         f"{six:.3f}; {six_all:.3f}"),
    ]  # fmt: skip
