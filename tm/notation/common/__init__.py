"""What several notations share: the builder of a machine, annotations, spelling, XML."""
