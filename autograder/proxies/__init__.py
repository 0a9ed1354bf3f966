"""Stand-ins that a check talks to: calls travel to a student's functions or to a rebuilt model."""
