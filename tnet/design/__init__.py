"""From questions about an architecture to answers: the demo."""
