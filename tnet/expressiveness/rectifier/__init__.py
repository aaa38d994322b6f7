"""Rectifier networks as threshold networks, and threshold networks as rectifier networks."""
