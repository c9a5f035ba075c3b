import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { experimentById } from "~/api/queries/experiments";
import { pipelineById, versionList } from "~/api/queries/pipelines";
import type { Recurring } from "~/api/queries/recurring";
import { useText } from "~/i18n/text";
import { Card } from "~/ui/Card";
import { Facts } from "~/ui/Facts";

/** What it starts: the pipeline with its inputs, in which experiment. */
export function WhatCard({ recurring }: { recurring: Recurring }) {
  const text = useText();
  const experiment = useQuery({
    ...experimentById(recurring.experimentId),
    enabled: recurring.experimentId !== "",
  });
  const inputs = Object.entries(recurring.parameters);
  return (
    <Card title={text.recurring.what}>
      <Facts
        rows={[
          [text.common.pipeline, <Pipeline key="pipeline" recurring={recurring} />],
          [
            text.common.experiment,
            <Link key="experiment" to="/experiments/$experimentId" params={{ experimentId: recurring.experimentId }}>
              {experiment.data?.name ?? recurring.experimentId}
            </Link>,
          ],
          ...inputs.map(([name, value]) => [name, <code key={name}>{JSON.stringify(value)}</code>] as const),
        ]}
      />
    </Card>
  );
}

function Pipeline({ recurring: { source } }: { recurring: Recurring }) {
  const text = useText();
  const stored = "spec" in source ? null : source;
  const pipeline = useQuery({ ...pipelineById(stored?.pipelineId ?? ""), enabled: stored !== null });
  const versions = useQuery({ ...versionList(stored?.pipelineId ?? ""), enabled: stored !== null });
  if (stored === null) return <span>{text.runs.inline}</span>;
  const version = versions.data?.find((each) => each.id === stored.versionId);
  const named = stored.versionId ? (version?.name ?? stored.versionId) : text.recurring.latest;
  return (
    <Link
      to="/pipelines/$pipelineId"
      params={{ pipelineId: stored.pipelineId }}
      search={stored.versionId ? { version: stored.versionId } : {}}
    >
      {`${pipeline.data?.name ?? stored.pipelineId} · ${named}`}
    </Link>
  );
}
