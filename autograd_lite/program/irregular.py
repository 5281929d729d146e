"""What a circuit is that is not worth grouping."""


class IrregularError(Exception):
    """A circuit whose operations have little in common: its code would be as long as it is."""
