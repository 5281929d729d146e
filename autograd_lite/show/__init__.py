"""Everything that makes something to look at: pictures, tables, trees, the player."""
