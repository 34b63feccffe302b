"""Who learns: the fixed network with data in its prompt, the model tuned on them, and how both are read off."""
