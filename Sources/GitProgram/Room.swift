// GitProgram: being built.
