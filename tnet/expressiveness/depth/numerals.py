"""Numbers in messages, however long."""

_SHOWN_BITS = 50


def numeral(number: int) -> str:
    """Write a number in full, or how long it is in bits.

    Examples
    --------
    >>> numeral(65536), numeral(3**1000)
    ('65,536', '2^1584 or more')
    """
    bits = number.bit_length()
    return f"{number:,}" if bits <= _SHOWN_BITS else f"2^{bits - 1} or more"
