import type { Structure } from "~/graph/model";
import { useText } from "~/i18n/text";
import { Empty } from "~/ui/Empty";
import styles from "./InterfaceTable.module.css";

/** What a run of the pipeline can be given. */
export function InterfaceTable({ structure }: { structure: Structure }) {
  const text = useText();
  if (structure.parameters.length + structure.artifacts.length === 0) {
    return <Empty icon="pipelines" title={text.pipelines.noInputs} />;
  }
  return (
    <div className={styles["frame"]}>
      <table className={styles["table"]}>
        <thead>
          <tr>
            <th>{text.common.name}</th>
            <th>{text.pipelines.type}</th>
            <th>{text.pipelines.default}</th>
            <th>{text.common.description}</th>
          </tr>
        </thead>
        <tbody>
          {structure.parameters.map((parameter) => (
            <tr key={parameter.name}>
              <td>
                <code>{parameter.name}</code>
              </td>
              <td>
                {typeName(parameter.type)}
                {parameter.literals.length > 0
                  ? `: ${parameter.literals.map((each) => JSON.stringify(each)).join(", ")}`
                  : ""}
              </td>
              <td>
                {parameter.has_default ? (
                  <code>{JSON.stringify(parameter.default)}</code>
                ) : (
                  <em>{parameter.optional ? text.pipelines.optional : text.pipelines.required}</em>
                )}
              </td>
              <td>{parameter.description}</td>
            </tr>
          ))}
          {structure.artifacts.map((artifact) => (
            <tr key={artifact.name}>
              <td>
                <code>{artifact.name}</code>
              </td>
              <td>{artifact.type.replace(/^system\./, "")}</td>
              <td>
                <em>{artifact.optional ? text.pipelines.optional : text.pipelines.required}</em>
              </td>
              <td>{artifact.description}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const NAMES: Record<string, string> = {
  NUMBER_DOUBLE: "float",
  NUMBER_INTEGER: "int",
  STRING: "str",
  BOOLEAN: "bool",
  LIST: "list",
  STRUCT: "dict",
};

/** A type as authors of pipelines write it. */
export function typeName(type: string): string {
  return NAMES[type] ?? type;
}
