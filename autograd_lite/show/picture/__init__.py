"""Pictures of a circuit through Graphviz: cards, gates and boxes."""
