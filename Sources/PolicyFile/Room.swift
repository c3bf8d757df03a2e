// PolicyFile: being built.
