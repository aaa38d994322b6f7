"""What depth buys: widths that shallower networks need, and where they need none."""
