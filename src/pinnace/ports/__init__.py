"""Every seam between the core and the outside, as Protocols. Read this package first."""
