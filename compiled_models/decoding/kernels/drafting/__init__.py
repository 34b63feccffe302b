"""Draft and verify: a table learnt from a run's own tokens drafts blocks of them, and the weights verify every one."""
