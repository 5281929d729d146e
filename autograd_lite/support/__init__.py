"""What several folders need and none owns: files, saved numbers, settings, random generators."""
