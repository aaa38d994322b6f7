"""In which order to contract: forests, chains, loops, and opt_einsum's own way to say it."""
