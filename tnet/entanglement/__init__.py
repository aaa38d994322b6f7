"""How strongly a function entangles one group of inputs with another, measured."""
