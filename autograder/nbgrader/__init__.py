"""Our side of nbgrader: what takes the place of its preprocessors."""
