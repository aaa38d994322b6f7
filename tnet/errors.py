"""What goes wrong, one class per remedy; each is also the builtin a caller would expect."""

from collections.abc import Iterable
from typing import Any


class TNetError(Exception):
    """Base of every error that tnet raises on purpose."""


class StructureError(TNetError, ValueError):
    """The parts of a network do not fit together; change how it is built."""


class DimensionError(TNetError, ValueError):
    """A dim is not a positive integer, or one index is given two; change the dim."""


class UnknownNameError(TNetError, LookupError):
    """A name that the network does not have; use one of those it lists."""


class PartitionError(TNetError, ValueError):
    """A side of a partition names inputs that are not there, or names them twice."""


class GeometryError(TNetError, ValueError):
    """A mode tree or pooling geometry does not fit the inputs; change shape or window."""


class SpecError(TNetError, ValueError):
    """A field of an architecture spec has a value it cannot take; change that field."""


class ParameterError(TNetError, ValueError):
    """Parameter arrays are missing, of a wrong shape or not finite; mend the arrays."""


class FeatureError(TNetError, ValueError):
    """Feature arrays do not fit the inputs of the network; reshape them."""


class FunctionError(TNetError, ValueError):
    """A function that was given returns values that cannot be used; mend the function."""


class DesignError(TNetError, ValueError):
    """What is asked of a design cannot be had; ask for less, or allow more."""


class OperatorError(TNetError, ValueError):
    """The question has no answer for this operator; ask one that it has."""


class FileFormatError(TNetError, ValueError):
    """A file is damaged, incomplete or of a newer version; replace the file or upgrade."""


class MemoryLimitError(TNetError, MemoryError):
    """The result needs more memory than there is; ask for something smaller."""


class SizeLimitError(TNetError, ValueError):
    """The answer has more parts than its cap; ask for less or raise the cap."""


class MissingLibraryError(TNetError, ImportError):
    """An optional library is not installed; install the extra that the message names."""


class VerificationError(TNetError, ArithmeticError):
    """A recomputation disagrees with a result; report it, and do not use the result."""


class DivergenceError(TNetError, ArithmeticError):
    """A descent has left the finite numbers; take smaller steps, or start nearer to zero."""


class SweepError(TNetError, RuntimeError):
    """Part of a sweep failed; use what is finished, and run the rest again.

    Attributes
    ----------
    finished : tuple of (int, int, object)
        First row, end row and result of each block that was finished, in order.
    """

    def __init__(self, message: str, finished: Iterable[tuple[int, int, Any]] = ()) -> None:
        super().__init__(message)
        self.finished = tuple(finished)

    def __reduce__(self) -> tuple[Any, ...]:
        return SweepError, (str(self), self.finished)


class RedundantWidthWarning(UserWarning):
    """A level has more channels than shared weights can use; make it narrower."""


class UnbalancedStartWarning(UserWarning):
    """Factors do not start balanced, so no end-to-end rule is known; start balanced."""
