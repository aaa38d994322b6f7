"""Writing a file whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], content: bytes) -> Path:
    """Replace the file at `path` by `content` in one step.

    The bytes go to a temporary file in the same folder, which then takes the name: a reader, or
    a crash, sees the old file or the new one and nothing between.

    Parameters
    ----------
    path : path-like
        Where to write; its folder must exist.
    content : bytes
        The whole new content.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    OSError
        If the file cannot be written; it names `path`, and what was there is as before.
    """
    # A link stays a link, and what it points to is replaced.
    target = Path(os.path.realpath(path))
    check_folder(Path(path))
    try:
        _replace(target, content)
    except OSError as error:
        if error.errno is None:
            raise
        # Not the temporary file, whose name the caller does not know. The class follows from errno.
        raise OSError(error.errno, error.strerror, str(path)) from error
    return Path(path)


def _replace(target: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def check_folder(path: Path) -> None:
    """Raise FileNotFoundError unless the folder of `path` exists."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"folder {str(path.parent)!r} does not exist; create it first")


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
