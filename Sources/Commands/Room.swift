// Commands: being built.
