"""Tables and trees of a circuit, as text, Markdown and LaTeX."""
