"""How long Hypothesis searches where an example is dear, because it is compiled or drawn."""

from hypothesis import settings

_USUAL = 80  # of the profile ``dev``


def examples(count: int) -> settings:
    """So many examples by default, and in proportion in a profile that searches longer or shorter."""
    return settings(max_examples=max(1, count * settings().max_examples // _USUAL))
