/** Numbers of metrics: whole ones as they are, others with at most *digits* that count. */
export function number(value: number, language: string, digits = 5): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (!Number.isInteger(value) && size !== 0 && (size < 1e-4 || size >= 1e9)) {
    return value.toExponential(Math.max(0, digits - 2));
  }
  const options = Number.isInteger(value)
    ? { maximumFractionDigits: 0 }
    : size >= 1
      ? { maximumSignificantDigits: Math.max(digits, Math.ceil(Math.log10(size)) + 2) }
      : { maximumSignificantDigits: digits };
  return new Intl.NumberFormat(language, options).format(value);
}
