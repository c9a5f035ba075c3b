import { useText } from "~/i18n/text";
import styles from "./NewRun.module.css";
import { ParameterField } from "./ParameterField";
import type { Entry, Fault, Parameter } from "./values";

interface Props {
  /** Which pipeline this is. */
  about: string;
  parameters: readonly Parameter[];
  entries: Readonly<Record<string, Entry>>;
  faults: Readonly<Record<string, Fault>>;
  onChange: (entries: Record<string, Entry>) => void;
}

/** A pipeline's inputs, a fitting control each. */
export function InputsCard({ about, parameters, entries, faults, onChange }: Props) {
  const text = useText();
  return (
    <section className={styles["card"]}>
      <h2>{text.newRun.inputs}</h2>
      <p className={styles["about"]}>{about}</p>
      {parameters.length === 0 ? <p>{text.pipelines.noInputs}</p> : null}
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          entry={entries[parameter.name] ?? null}
          fault={faults[parameter.name]}
          onChange={(entry) => onChange({ ...entries, [parameter.name]: entry })}
        />
      ))}
    </section>
  );
}
