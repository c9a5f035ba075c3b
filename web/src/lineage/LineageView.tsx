import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { artifactLineage, LINEAGE_DEPTH } from "~/api/queries/artifacts";
import type { ArtifactSearch } from "~/app/search";
import { useText } from "~/i18n/text";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Segments } from "~/ui/Segments";
import { Select } from "~/ui/Select";
import { Legend } from "./Legend";
import { LineageCanvas } from "./LineageCanvas";
import styles from "./LineageView.module.css";
import { graphOfLineage } from "./model";
import { NodePanel } from "./NodePanel";

interface Props {
  artifactId: string;
  way: ArtifactSearch["way"];
  depth: number | undefined;
  node: string | undefined;
  onChange: (next: Change) => void;
}

interface Change {
  way?: ArtifactSearch["way"] | undefined;
  depth?: number | undefined;
  node?: string | undefined;
}

const DEPTHS = [1, 2, 3, 5, 10, 20, 50];

/** What made an artifact and what came of it, across runs. */
export function LineageView({ artifactId, way, depth, node, onChange }: Props) {
  const text = useText();
  const found = useQuery(artifactLineage(artifactId, way, depth));
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const graph = useMemo(() => (found.data ? graphOfLineage(found.data, unfolded) : null), [found.data, unfolded]);
  if (found.isError) return <Failure error={found.error} again={found.refetch} />;
  const far = depth ?? LINEAGE_DEPTH;
  const chosen = graph?.nodes.find((each) => each.id === node);
  const artifacts = found.data?.nodes.filter((each) => each.kind === "ARTIFACT").length ?? 0;
  return (
    <div className={styles["view"]}>
      <div className={styles["tools"]}>
        <Segments
          label={text.lineage.direction}
          value={way ?? "both"}
          onChoose={(value) => onChange({ way: value === "both" ? undefined : value })}
          choices={[
            ["back", text.lineage.back],
            ["both", text.lineage.both],
            ["forward", text.lineage.forward],
          ]}
        />
        <Select
          label={text.lineage.depth}
          value={String(far)}
          onChange={(value) => onChange({ depth: Number(value) === LINEAGE_DEPTH ? undefined : Number(value) })}
          choices={[...new Set([...DEPTHS, far])]
            .sort((one, other) => one - other)
            .map((each) => [String(each), text.lineage.depthOf(each)] as const)}
        />
        {found.data ? (
          <span className={styles["counted"]}>
            {text.lineage.counted(artifacts, found.data.nodes.length - artifacts)}
          </span>
        ) : null}
        <Legend />
      </div>
      {found.data?.truncated ? <p className={styles["more"]}>{text.lineage.truncated}</p> : null}
      {graph && graph.nodes.length === 1 ? <Empty icon="graph" title={text.lineage.alone} /> : null}
      {graph && graph.nodes.length > 1 ? (
        <div className={styles["split"]} data-panel={chosen !== undefined}>
          <LineageCanvas
            graph={graph}
            start={artifactId}
            chosen={chosen?.id}
            onChoose={(id) => onChange({ node: id === chosen?.id ? undefined : id })}
          />
          {chosen ? (
            <NodePanel
              key={chosen.id}
              node={chosen}
              start={artifactId}
              onClose={() => onChange({ node: undefined })}
              onUnfold={(id) => {
                setUnfolded(new Set([...unfolded, id]));
                onChange({ node: undefined });
              }}
            />
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
