import { useEffect, useState } from "react";
import { TextField } from "./TextField";

const PAUSE = 200;

interface Props {
  label: string;
  value: string;
  /** Called once the typing pauses. */
  onChange: (value: string) => void;
}

/** A field to search by; what it holds is kept elsewhere, usually in the address. */
export function SearchField({ label, value, onChange }: Props) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => onChange(typed), PAUSE);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return <TextField icon="search" label={label} value={typed} onChange={setTyped} />;
}
