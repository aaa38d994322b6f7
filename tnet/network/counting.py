"""How many of what, in words."""


def number_of(count: int, one: str, many: str = "") -> str:
    """Write a count and what is counted, in the plural but for one.

    Parameters
    ----------
    count : int
        How many.
    one, many : str
        The singular, and the plural where it is not made by an s.

    Examples
    --------
    >>> number_of(1, "input"), number_of(2048, "input"), number_of(0, "index", "indices")
    ('1 input', '2,048 inputs', '0 indices')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
