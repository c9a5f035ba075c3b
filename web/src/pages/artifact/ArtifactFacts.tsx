import type { ReactNode } from "react";
import type { ArtifactView } from "~/api/queries/artifacts";
import { bytes } from "~/format/bytes";
import { instant } from "~/format/time";
import { useText } from "~/i18n/text";
import { typeName } from "~/preview/ArtifactIcon";
import { JsonTree } from "~/preview/JsonView";
import { Button } from "~/ui/Button";
import { Facts } from "~/ui/Facts";
import { Moment } from "~/ui/Moment";
import styles from "./ArtifactPage.module.css";
import { UseList, UseRow } from "./Uses";

/** What is known of an artifact besides its content. */
export function ArtifactFacts({ artifact }: { artifact: ArtifactView }) {
  const text = useText();
  const { producer, reused_by: reused, used_by: used } = artifact;
  return (
    <aside className={styles["facts"]} aria-label={text.artifacts.about}>
      <Section title={text.artifacts.madeBy}>
        {producer ? (
          <ul className={styles["uses"]}>
            <UseRow use={producer} />
          </ul>
        ) : (
          <p className={styles["hint"]}>
            {artifact.run_id === null ? text.artifacts.registeredHint : text.artifacts.gone}
          </p>
        )}
      </Section>
      <Section title={text.artifacts.usedBy}>
        {used.items.length > 0 ? <UseList uses={used} /> : <p className={styles["hint"]}>{text.artifacts.unused}</p>}
      </Section>
      {reused.items.length > 0 ? (
        <Section title={text.artifacts.reusedBy}>
          <p className={styles["hint"]}>{text.artifacts.reusedHint}</p>
          <UseList uses={reused} />
        </Section>
      ) : null}
      <Section title={text.artifacts.about}>
        <Facts rows={factsOf(artifact, text)} />
      </Section>
      <Section title={text.artifacts.metadata}>
        {Object.keys(artifact.metadata).length > 0 ? (
          <JsonTree value={artifact.metadata} />
        ) : (
          <p className={styles["hint"]}>{text.artifacts.noMetadata}</p>
        )}
      </Section>
    </aside>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles["section"]}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function factsOf(artifact: ArtifactView, text: ReturnType<typeof useText>): (readonly [string, ReactNode])[] {
  const rows: (readonly [string, ReactNode])[] = [
    [text.artifacts.type, [typeName(artifact.type), artifact.schema_version].filter(Boolean).join(" · ")],
    [text.artifacts.size, artifact.size === null ? "–" : bytes(artifact.size)],
    [text.common.created, <Moment key="created" at={instant(artifact.created_at)} />],
    [text.artifacts.uri, <Copied key="uri" value={artifact.uri} label={text.artifacts.copyAddress} />],
  ];
  if (artifact.digest) {
    rows.push([text.artifacts.digest, <Copied key="d" value={artifact.digest} label={text.artifacts.copyDigest} />]);
  }
  if (artifact.number_value !== null) rows.push([text.artifacts.kinds.Metric, String(artifact.number_value)]);
  if (artifact.description) rows.push([text.common.description, artifact.description]);
  rows.push(["ID", <code key="id">{artifact.artifact_id}</code>]);
  return rows;
}

function Copied({ value, label }: { value: string; label: string }) {
  return (
    <span className={styles["copied"]}>
      <code>{value}</code>
      <Button look="plain" icon="copy" aria-label={label} onClick={() => navigator.clipboard.writeText(value)} />
    </span>
  );
}
