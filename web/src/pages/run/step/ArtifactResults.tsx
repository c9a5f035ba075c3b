import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { bytes } from "~/format/bytes";
import { number } from "~/format/number";
import { languageOf, useText } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import { PreviewView } from "~/preview/PreviewView";
import { Icon } from "~/ui/Icon";
import styles from "./ArtifactResults.module.css";
import { isDrawn, metricsOf, type Result } from "./results";

interface Props {
  results: readonly Result[];
  /** Name the step over each result. */
  named?: boolean;
}

const MANY = 12;
/** So few of one step are opened without a click. */
const AT_ONCE = 3;

/** Metrics as one table, drawings drawn, everything else to be opened. */
export function ArtifactResults({ results, named = false }: Props) {
  const drawn = results.filter(({ artifact }) => isDrawn(artifact));
  const others = results.filter(({ artifact }) => !isDrawn(artifact) && artifact.type !== "system.Metrics");
  return (
    <>
      <MetricsTable results={results} />
      {drawn.map((result, index) => (
        <Shown key={result.artifact.artifact_id} result={result} named={named} open={index < MANY} />
      ))}
      {others.map((result) => (
        <Shown
          key={result.artifact.artifact_id}
          result={result}
          named={named}
          open={!named && others.length <= AT_ONCE}
        />
      ))}
    </>
  );
}

function MetricsTable({ results }: { results: readonly Result[] }) {
  const text = useText();
  const language = languageOf(usePreferences().language);
  const { names, rows } = metricsOf(results);
  if (rows.length === 0) return null;
  const shown = (value: number | string | undefined) => (typeof value === "number" ? number(value, language) : value);
  return (
    <section className={styles["metrics"]}>
      <h3>{text.run.metrics}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className={styles["scroll"]} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{text.run.task}</th>
              {names.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ step, values }) => (
              <tr key={step.node}>
                <th scope="row">{step.node}</th>
                {names.map((name) => (
                  <td key={name}>{shown(values[name]) ?? "–"}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Shown({ result, named, open: begin }: { result: Result; named: boolean; open: boolean }) {
  const text = useText();
  const [open, setOpen] = useState(begin);
  const { step, output, artifact } = result;
  return (
    <section className={styles["result"]}>
      <header>
        <button type="button" className={styles["toggle"]} aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? "down" : "chevron"} size={12} />
          <strong>{output}</strong>
          {named ? <span>{step.node}</span> : null}
        </button>
        <span className={styles["about"]}>
          {artifact.type.replace(/^system\./, "")}
          {artifact.size === null ? "" : ` · ${bytes(artifact.size)}`}
        </span>
        <Link to="/artifacts/$artifactId" params={{ artifactId: artifact.artifact_id }}>
          {text.run.openArtifact}
        </Link>
      </header>
      {open ? <PreviewView artifactId={artifact.artifact_id} /> : null}
    </section>
  );
}
