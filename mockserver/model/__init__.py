"""The nouns of a mock upstream and what follows from them: values, no I/O."""
