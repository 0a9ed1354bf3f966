"""What is written for people and gradebooks from results alone."""
