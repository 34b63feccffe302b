"""The benchmark behind `tapehead bench`: decoders beside plain simulators, on the same machines, in the same run."""
