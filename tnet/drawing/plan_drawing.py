"""`draw_plan`: an order of contraction as a tree of steps, or as its schedule."""

from tnet.contraction.plan import Plan
from tnet.drawing.draw import Drawing
from tnet.drawing.plan_tree import plan_scene
from tnet.drawing.schedule_chart import schedule_chart
from tnet.drawing.theme import Theme, theme_named
from tnet.errors import StructureError

VIEWS = ("auto", "tree", "schedule")
_MOST_STEPS = 1000


def draw_plan(
    plan: Plan, *, view: str = "auto", batch: int = 1, theme: str | Theme = "light"
) -> Drawing:
    """Draw what a plan does and what it costs.

    Parameters
    ----------
    plan : Plan
        What `tnet.plan` returns.
    view : {'auto', 'tree', 'schedule'}
        ``tree`` draws every operand and every step of two, 1,000 steps at most: dots are the
        larger and darker the more scalar operations they take, on a logarithmic scale, and the
        lines from them the wider the more entries they make. ``schedule`` draws the operations on
        stacks of like steps in the order they run: what each costs, and the bytes held meanwhile,
        the most of which is `Plan.peak_bytes`. ``auto`` is the tree, where it can be.
    batch : int
        Number of examples that the schedule is drawn for; the tree is of one example.
    theme : {'light', 'dark'} or Theme
        Colours.

    Returns
    -------
    Drawing

    Raises
    ------
    StructureError
        If `plan` is none, `view` or `theme` is unknown, `batch` is no positive int, or a tree is
        asked of too many steps.

    Examples
    --------
    >>> import tnet
    >>> plan = tnet.plan(tnet.ConvNet(4, features=2, widths=(2, 2)).compile())
    >>> draw_plan(plan)
    <Drawing ... light: plan to evaluate: 11 operands, 10 steps ...>
    >>> draw_plan(plan, view="schedule").scene.is_graph
    False
    """
    if not isinstance(plan, Plan):
        raise StructureError(
            f"plan is of type {type(plan).__name__}; give a Plan, which tnet.plan returns"
        )
    if view not in VIEWS:
        raise StructureError(f"view is {view!r}; choose one of {', '.join(VIEWS)}")
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise StructureError(f"batch is {batch!r}; give a positive number of examples")
    colours = theme_named(theme)
    if view == "tree" and plan.n_steps > _MOST_STEPS:
        raise StructureError(
            f"view 'tree' draws every step, {_MOST_STEPS:,} at most; this plan has "
            f"{plan.n_steps:,}: use 'schedule', which draws like steps as one"
        )
    if view == "schedule" or plan.n_steps > _MOST_STEPS:
        return schedule_chart(plan, batch, colours)
    return Drawing(plan_scene(plan), colours)
