// Git: being built.
