"""The rules of the reply contract in words, one table a file; others apply them."""
