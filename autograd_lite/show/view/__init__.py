"""What is drawn: a circuit as plain data, cut, folded and named."""
