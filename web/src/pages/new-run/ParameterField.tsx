import { useText } from "~/i18n/text";
import { Field, FieldFrame } from "~/ui/Field";
import { Segments } from "~/ui/Segments";
import { Select } from "~/ui/Select";
import { typeName } from "../pipeline/InterfaceTable";
import { type Entry, entryOf, type Fault, type Parameter } from "./values";

interface Props {
  parameter: Parameter;
  entry: Entry;
  fault: Fault | undefined;
  onChange: (entry: Entry) => void;
}

/** The control that fits a parameter's type. */
export function ParameterField({ parameter, entry, fault, onChange }: Props) {
  const text = useText();
  const label = `${parameter.name} · ${typeName(parameter.type)}`;
  const error = fault ? text.newRun.faults[fault] : undefined;
  const standard = parameter.has_default ? (entryOf(parameter, parameter.default) ?? "null") : "";
  const hint = parameter.description || undefined;
  if (parameter.literals.length > 0) {
    const choices = parameter.literals.map((value) => String(value));
    return (
      <FieldFrame label={label} error={error} hint={hint}>
        {({ id }) => (
          <Select
            id={id}
            value={entry ?? standard}
            onChange={onChange}
            choices={choices.map((each) => [each, each] as const)}
          />
        )}
      </FieldFrame>
    );
  }
  if (parameter.type === "BOOLEAN") {
    return (
      <FieldFrame label={label} error={error} hint={hint}>
        {() => (
          <Segments
            label={parameter.name}
            value={(entry ?? standard) === "true" ? "true" : "false"}
            onChoose={onChange}
            choices={[
              ["true", "true"],
              ["false", "false"],
            ]}
          />
        )}
      </FieldFrame>
    );
  }
  const long = parameter.type === "LIST" || parameter.type === "STRUCT";
  return (
    <Field
      label={label}
      value={entry ?? ""}
      placeholder={standard || (parameter.optional ? text.pipelines.optional : "")}
      required={!parameter.optional}
      error={error}
      hint={hint}
      onChange={(typed) => onChange(typed === "" && parameter.optional ? null : typed)}
      {...(long ? { lines: 4 } : {})}
    />
  );
}
