import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { pipelineById, versionList, versionStructure } from "~/api/queries/pipelines";
import { type Recurring, recurringById } from "~/api/queries/recurring";
import { useText } from "~/i18n/text";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Page } from "~/ui/Page";
import { ChoosePipeline } from "../new-run/ChoosePipeline";
import { NewRecurringForm } from "./NewRecurringForm";
import { inputsOfSpec, nameOfSpec } from "./specInputs";

const route = getRouteApi("/recurring/new");

/** Make a recurring run: of a stored pipeline, or like another one. */
export function NewRecurringPage() {
  const text = useText();
  const { clone, pipeline, version } = route.useSearch();
  return (
    <Page title={text.recurring.create}>
      {clone ? (
        <FromRecurring recurringId={clone} />
      ) : pipeline ? (
        <FromPipeline pipelineId={pipeline} versionId={version ?? ""} given={null} />
      ) : (
        <ChoosePipeline to="/recurring/new" />
      )}
    </Page>
  );
}

function FromRecurring({ recurringId }: { recurringId: string }) {
  const recurring = useQuery(recurringById(recurringId));
  if (recurring.isError) return <Failure page error={recurring.error} again={recurring.refetch} />;
  if (!recurring.data) return null;
  const { source } = recurring.data;
  if ("spec" in source) {
    const inputs = inputsOfSpec(source.spec);
    return (
      <NewRecurringForm about={nameOfSpec(source.spec)} parameters={inputs} source={source} given={recurring.data} />
    );
  }
  return <FromPipeline pipelineId={source.pipelineId} versionId={source.versionId} given={recurring.data} />;
}

interface FromPipelineProps {
  pipelineId: string;
  /** "" for the latest. */
  versionId: string;
  given: Recurring | null;
}

function FromPipeline({ pipelineId, versionId, given }: FromPipelineProps) {
  const text = useText();
  const pipeline = useQuery(pipelineById(pipelineId));
  const versions = useQuery(versionList(pipelineId));
  const version = versions.data?.find((each) => each.id === versionId) ?? versions.data?.[0];
  const structure = useQuery({
    ...versionStructure(pipelineId, version?.id ?? ""),
    enabled: version !== undefined,
  });
  const failed = [pipeline, versions, structure].find((query) => query.isError);
  if (failed) return <Failure page error={failed.error} again={failed.refetch} />;
  if (versions.data && !version) return <Empty icon="pipelines" title={text.pipelines.noVersions} />;
  if (!pipeline.data || !version || !structure.data) return null;
  return (
    <NewRecurringForm
      key={version.id}
      about={`${pipeline.data.name} · ${version.name}`}
      parameters={structure.data.parameters}
      source={{ pipelineId, versionId }}
      version={version}
      given={given}
    />
  );
}
