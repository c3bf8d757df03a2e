// Checks: being built.
