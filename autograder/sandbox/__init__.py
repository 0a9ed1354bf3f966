"""The boundary between student code and everything else: warm templates, confined forks."""
