"""Specs of architectures and how they compile to networks."""
