"""One HTML page that steps through the two passes of a circuit."""
