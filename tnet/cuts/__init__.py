"""Min cuts between groups of inputs."""
