"""What functions a network can be: grid tensors, templates, bounds between architectures."""
