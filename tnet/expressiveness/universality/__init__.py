"""Universality: networks made by hand for any wanted grid tensor, or what is in the way."""
