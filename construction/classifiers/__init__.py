"""Networks that classify labelled vectors in their prompt: the margin machine (network B), nearest neighbours (D)."""
