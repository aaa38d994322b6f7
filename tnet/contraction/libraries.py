"""Arrays of NumPy, PyTorch and JAX: which library they are of, and moving parameters to one."""

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from tnet.errors import MissingLibraryError, ParameterError

Array = Any
"""An array of NumPy, PyTorch or JAX."""

_FEW = 1000
"""Entries that are looked at one by one sooner than summed."""

LIBRARIES = ("numpy", "torch", "jax")


def as_array(value: Any) -> Array:
    """Return an array as it is, and anything else, such as nested lists, as NumPy's."""
    if type(value) is np.ndarray:
        return value
    return value if hasattr(value, "shape") and hasattr(value, "dtype") else np.asarray(value)


def library_name(array: Array) -> str:
    """Return the name of the library that an array is of.

    Examples
    --------
    >>> library_name(np.ones(3))
    'numpy'
    """
    return "numpy" if isinstance(array, np.ndarray | np.generic) else _package(array)


def _package(array: Array) -> str:
    package = type(array).__module__.partition(".")[0]
    return "jax" if package == "jaxlib" else package


def namespace_of(array: Array) -> Any:
    """Return the functions of the library that an array is of.

    Raises
    ------
    ParameterError
        If the library is not NumPy, PyTorch or JAX.

    Examples
    --------
    >>> namespace_of(np.ones(3)) is np
    True
    """
    name = library_name(array)
    if name == "numpy":
        return np
    if name not in LIBRARIES:
        raise ParameterError(
            f"an array is a {type(array).__module__}.{type(array).__name__}; give arrays of "
            f"{', '.join(LIBRARIES)}"
        )
    from array_api_compat import array_namespace

    return array_namespace(array)


def common_namespace(named: Iterable[tuple[str, Array]]) -> Any:
    """Return the functions of the one library that all arrays are of.

    Parameters
    ----------
    named : iterable of (str, array)
        What each array is, for the message, and the array.

    Raises
    ------
    ParameterError
        If they are of two libraries, or on two devices.
    """
    pairs = list(named)
    if all(type(array) is np.ndarray for _, array in pairs):
        return np
    first = pairs[0]
    for what, array in pairs[1:]:
        ours, theirs = _home(first[1]), _home(array)
        if ours != theirs:
            raise ParameterError(
                f"{first[0]} is an array of {ours} but {what} is one of {theirs}; give all of one "
                "library and device: move_parameters moves parameters"
            )
    return namespace_of(first[1])


def _home(array: Array) -> str:
    name = library_name(array)
    return f"torch on {array.device}" if name == "torch" else name


def kind_of(array: Array) -> str:
    """Return NumPy's letter for the kind of numbers: b, i, u, f, c, or another for no numbers.

    Examples
    --------
    >>> kind_of(np.ones(2)), kind_of(np.array(["a"]))
    ('f', 'U')
    """
    dtype = array.dtype
    if type(array) is np.ndarray:
        kind: str = dtype.kind
        return kind
    if library_name(array) == "torch":
        return "c" if dtype.is_complex else "f" if dtype.is_floating_point else "i"
    # JAX's short floats are no kind of NumPy's own.
    return "f" if "float" in dtype.name else str(dtype.kind)


def double(xp: Any) -> Any:
    """Return the dtype float64, or the one that JAX has in its place unless told otherwise.

    Examples
    --------
    >>> double(np)
    dtype('float64')
    """
    return xp.asarray(0.0).dtype if "jax" in xp.__name__ else xp.zeros(1, dtype=xp.float64).dtype


def copied(array: Array) -> Array:
    """Return an array of its own with the same entries.

    Examples
    --------
    >>> copied(np.broadcast_to(1.0, (2,)))
    array([1., 1.])
    """
    match library_name(array):
        case "torch":
            return array.clone()
        case "jax":
            # Never written to, so never in need of a copy.
            return array
    return array.copy()


def is_traced(array: Array) -> bool:
    """Whether an array stands for one to come, as inside `jax.jit`, and has no values yet."""
    if library_name(array) != "jax":
        return False
    import jax

    return isinstance(array, jax.core.Tracer)


def all_finite(array: Array) -> bool:
    """Whether every entry is finite; a sum settles it where nothing is amiss.

    Examples
    --------
    >>> all_finite(np.array([1e308, 1e308])), all_finite(np.array([1.0, np.nan]))
    (True, False)
    """
    if library_name(array) == "numpy":
        if array.size < _FEW:
            return bool(np.isfinite(array).all())
        with np.errstate(over="ignore", invalid="ignore"):
            return bool(np.isfinite(array.sum())) or bool(np.isfinite(array).all())
    xp = namespace_of(array)
    return bool(xp.all(xp.isfinite(array)))


def _module(library: str) -> ModuleType:
    import importlib

    try:
        return importlib.import_module("jax.numpy" if library == "jax" else library)
    except ImportError as error:
        raise MissingLibraryError(
            f"arrays of {library} need {library}, which is not installed; install tnet[{library}]"
        ) from error


def move_parameters(
    parameters: Mapping[str, Array],
    library: str,
    *,
    dtype: str | None = None,
    device: str | None = None,
) -> dict[str, Array]:
    """Move parameters to an array library, a dtype and a device.

    Parameters
    ----------
    parameters : mapping of str to array
        One array per parameter, of any of the three libraries.
    library : {'numpy', 'torch', 'jax'}
        Where they go.
    dtype : str, optional
        Such as ``float32`` or ``complex128``; as they are unless given.
    device : str, optional
        As the library names it: ``cpu``, ``cuda:0``; for JAX a platform such as ``gpu``. The
        library's own choice unless given.

    Returns
    -------
    dict of str to array
        Copies where something changes.

    Raises
    ------
    ParameterError
        If the library, the dtype or the device is unknown, or complex numbers would lose their
        imaginary part.
    MissingLibraryError
        If the library is not installed.

    Examples
    --------
    >>> moved = move_parameters({"t0": [[1, 2]]}, "numpy", dtype="float32")
    >>> moved["t0"].dtype
    dtype('float32')
    """
    if library not in LIBRARIES:
        raise ParameterError(f"library is {library!r}; choose one of {', '.join(LIBRARIES)}")
    kind = None if dtype is None else _checked_dtype(dtype)
    if device is not None and library == "numpy" and device != "cpu":
        raise ParameterError(f"NumPy has no device {device!r}; leave it out")
    if not isinstance(parameters, Mapping):
        raise ParameterError(
            f"parameters are of type {type(parameters).__name__}; give a mapping of one array per "
            "name"
        )
    module = _module(library)
    moved: dict[str, Array] = {}
    for name, value in parameters.items():
        plain = to_numpy(value)
        if kind is not None:
            if plain.dtype.kind == "c" and kind.kind != "c":
                raise ParameterError(
                    f"parameter {name!r} is {plain.dtype} and would lose its imaginary part as "
                    f"{kind}; take a complex dtype"
                )
            plain = plain.astype(kind)
        moved[name] = _placed(module, library, plain, device)
        if kind is not None and kind.name not in str(moved[name].dtype):
            raise ParameterError(
                f"{library} made {moved[name].dtype} of {kind}; tell it to have 64 bits, as JAX by "
                "jax.config.update('jax_enable_x64', True), or take a dtype it has"
            )
    return moved


def _checked_dtype(dtype: str) -> np.dtype[Any]:
    try:
        kind = np.dtype(dtype)
    except TypeError:
        raise ParameterError(f"dtype is {dtype!r}; name one such as 'float32'") from None
    if kind.kind not in "iufc":
        raise ParameterError(
            f"dtype is {kind}; parameters are numbers: name a dtype such as 'float64'"
        )
    return kind


def to_numpy(value: Any) -> Any:
    """Return an array of any of the libraries as NumPy's."""
    if library_name(value) == "torch":
        value = value.detach().cpu()
        # NumPy has no such short floats.
        return (value.float() if "bfloat16" in str(value.dtype) else value).numpy()
    return np.asarray(value)


def _placed(module: Any, library: str, plain: Any, device: str | None) -> Array:
    try:
        if library == "torch":
            return module.as_tensor(plain.copy(), device=device)
        if library == "jax":
            import jax

            return jax.device_put(plain, None if device is None else jax.devices(device)[0])
    except (RuntimeError, AssertionError) as error:
        raise ParameterError(
            f"{library} has no device {device!r} here ({error}); name one it has, such as 'cpu'"
        ) from error
    return plain
