import { useMemo } from "react";
import { useText } from "~/i18n/text";
import { Empty } from "~/ui/Empty";
import { ArtifactResults } from "../step/ArtifactResults";
import { resultsOf } from "../step/results";
import type { Step } from "../steps";
import styles from "./Views.module.css";

/** What all steps of a run have made. */
export function ResultsView({ steps, live }: { steps: readonly Step[]; live: boolean }) {
  const text = useText();
  const results = useMemo(() => resultsOf(steps), [steps]);
  if (results.length === 0) {
    return (
      <Empty icon="artifacts" title={live ? text.run.noResultsYet : text.run.noResults}>
        <p>{text.run.noResultsHint}</p>
      </Empty>
    );
  }
  return (
    <div className={styles["page"]}>
      <ArtifactResults results={results} named />
    </div>
  );
}
