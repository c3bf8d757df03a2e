// Engine: being built.
