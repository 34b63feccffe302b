"""What writes the source of a kernel: the writer, the residual stream, the read-out."""
