"""What authors of exercises need: the released folder, the stub, and the proof of an exercise."""
