"""The tensor-network graph: its model, how it is built, read, stored and rooted."""
