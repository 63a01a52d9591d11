"""What can go wrong in a run, besides its data and its device."""


class OutputError(RuntimeError):
    """An output folder that cannot be used."""


class Diverged(RuntimeError):
    """A loss that is no number any more."""
