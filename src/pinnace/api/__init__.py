"""The HTTP face: one package for each family of clients, and around all of them one ring of safety."""
