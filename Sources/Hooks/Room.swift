// Hooks: being built.
