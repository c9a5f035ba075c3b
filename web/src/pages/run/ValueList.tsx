import { Link } from "@tanstack/react-router";
import type { Values } from "~/api/queries/run";
import { bytes } from "~/format/bytes";
import { useText } from "~/i18n/text";
import { Icon } from "~/ui/Icon";
import styles from "./ValueList.module.css";

/** Parameters and artifacts that go into or come out of a step. */
export function ValueList({ title, values }: { title: string; values: Values }) {
  const text = useText();
  const parameters = Object.entries(values.parameters);
  const artifacts = Object.entries(values.artifacts);
  return (
    <section className={styles["section"]}>
      <h3>{title}</h3>
      {parameters.length + artifacts.length === 0 ? <p className={styles["none"]}>{text.run.noValues}</p> : null}
      <dl className={styles["list"]}>
        {parameters.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{shown(value)}</code>
            </dd>
          </div>
        ))}
        {artifacts.map(([name, items]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {items.map((item) => (
                <span key={item.artifact_id} className={styles["artifact"]}>
                  <Icon name="artifacts" size={14} />
                  <span>{item.type.replace(/^system\./, "")}</span>
                  <Link to="/artifacts/$artifactId" params={{ artifactId: item.artifact_id }} title={item.uri}>
                    {item.name || item.uri}
                  </Link>
                  {item.size === null ? null : <span className={styles["size"]}>{bytes(item.size)}</span>}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, typeof value === "object" ? 2 : 0);
}
