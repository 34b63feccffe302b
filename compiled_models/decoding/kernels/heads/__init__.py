"""The heads of a kernel, by the structure of their keys: the source of each, and the data that it works on."""
