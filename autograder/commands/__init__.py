"""The commands of `autograder`: each module NAME declares the command NAME as `command`."""
