"""KFP's pipeline IR: parse, validate, placeholders, conditions, fingerprints. No input or output."""
