"""How much memory there is, and refusing what does not fit before starting it."""

import os
from pathlib import Path

from tnet.errors import MemoryLimitError

_NOT_WORTH_ASKING = 2**26
"""Bytes below which the system is not asked: asking takes longer than small contractions do."""


def available_bytes() -> int | None:
    """Bytes this machine can still give out, None if the system does not say."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" in names and "SC_PAGE_SIZE" in names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def check_fits(needed: int, *, what: str, remedy: str) -> None:
    """Raise if `needed` bytes are more than there are.

    Raises
    ------
    MemoryLimitError
        With the bytes needed and the bytes there are. Less than 64 MiB is not refused.
    """
    if needed < _NOT_WORTH_ASKING:
        return
    available = available_bytes()
    if available is not None and needed > available:
        raise MemoryLimitError(
            f"{what} takes {bytes_text(needed)}, but {bytes_text(available)} are free; {remedy}"
        )


def bytes_text(count: int) -> str:
    """Write a number of bytes as people do.

    Examples
    --------
    >>> bytes_text(3 * 2**30)
    '3.0 GiB'
    >>> bytes_text(2**200)
    '2^200 bytes'
    """
    if count >= 2**70:
        return f"2^{count.bit_length() - 1} bytes"
    size, unit = float(count), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{count} bytes" if unit == "bytes" else f"{size:,.1f} {unit}"
