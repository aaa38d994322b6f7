"""In which order operations run, and when what they made can go."""

from dataclasses import replace

from tnet.contraction.schedule import Operation


def in_sequence(operations: list[Operation], final: int) -> list[Operation]:
    """Order operations so that little is held, and say what nothing reads any more.

    Parameters
    ----------
    operations : list of Operation
        In any order in which none reads what a later one makes.
    final : int
        Stack of the result.
    """
    return _freed(_depth_first(operations, final), final)


def _depth_first(operations: list[Operation], final: int) -> list[Operation]:
    """Order operations so that what one needs is made shortly before it."""
    maker = {operation.result: operation for operation in operations}
    ordered: list[Operation] = []
    seen: set[int] = set()
    waiting = [(final, False)]
    while waiting:
        stack, is_ready = waiting.pop()
        operation = maker.get(stack)
        if operation is None or (stack in seen and not is_ready):
            continue
        if is_ready:
            ordered.append(operation)
            continue
        seen.add(stack)
        waiting.append((stack, True))
        picks = [operation.left] if operation.right is None else [operation.left, operation.right]
        waiting.extend((pick.stack, False) for pick in picks)
    return ordered


def _freed(operations: list[Operation], final: int) -> list[Operation]:
    """Say at every operation which stacks nothing reads any more."""
    read = {final}
    freed: list[Operation] = []
    for operation in reversed(operations):
        picks = [operation.left] if operation.right is None else [operation.left, operation.right]
        frees = {pick.stack for pick in picks} - read
        read |= frees
        freed.append(replace(operation, frees=tuple(sorted(frees))))
    return freed[::-1]
