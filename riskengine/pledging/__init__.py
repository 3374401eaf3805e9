"""What may be lent on a pledge: value, law, haircuts, forced sale, caps, step by step.

`join` ties pledges to rights, loans and policies; `waterfall` takes the value down to
what may be lent; `assess` does both for the rights of one batch.
"""
