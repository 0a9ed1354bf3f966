"""What authors of checks import: points, thresholds, retries, and measures of a training."""
