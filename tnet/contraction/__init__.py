"""Planning and running contractions, and evaluating networks on features."""
