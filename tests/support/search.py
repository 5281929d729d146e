"""How long Hypothesis searches where an example is dear, because it is compiled or drawn."""

from hypothesis import settings


def examples(count: int) -> settings:
    """So many examples where others have 80, in proportion to what the profile has."""
    return settings(max_examples=max(1, count * settings().max_examples // 80))
