"""What students handed in: files, their owners, their exercises and their attempts."""
