"""The engine: circuits of Values, the table of operations, the sweep and the transforms."""
