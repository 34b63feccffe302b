"""What experiments learn from: chains, smooth policies, half-spaces, real vectors quantised, an index of a store."""
