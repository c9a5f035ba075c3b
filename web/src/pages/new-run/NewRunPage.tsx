import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { inlineSpec, type Source } from "~/api/queries/newRun";
import { versionList, versionStructure } from "~/api/queries/pipelines";
import { runHeader, runStructure } from "~/api/queries/run";
import { useText } from "~/i18n/text";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Page } from "~/ui/Page";
import { ChoosePipeline } from "./ChoosePipeline";
import { type Given, NewRunForm } from "./NewRunForm";

const route = getRouteApi("/runs/new");

/** Start a run: of a stored pipeline, or like an earlier run. */
export function NewRunPage() {
  const text = useText();
  const { clone, pipeline } = route.useSearch();
  return (
    <Page title={text.newRun.title}>
      {clone ? (
        <FromRun runId={clone} />
      ) : pipeline ? (
        <FromPipeline pipelineId={pipeline} />
      ) : (
        <ChoosePipeline to="/runs/new" />
      )}
    </Page>
  );
}

function FromPipeline({ pipelineId }: { pipelineId: string }) {
  const text = useText();
  const search = route.useSearch();
  const versions = useQuery(versionList(pipelineId));
  const version = versions.data?.find((each) => each.id === search.version) ?? versions.data?.[0];
  const structure = useQuery({
    ...versionStructure(pipelineId, version?.id ?? ""),
    enabled: version !== undefined,
  });
  if (versions.isError) return <Failure error={versions.error} again={versions.refetch} />;
  if (structure.isError) return <Failure error={structure.error} again={structure.refetch} />;
  if (versions.data && !version) return <Empty icon="pipelines" title={text.pipelines.noVersions} />;
  if (!version || !structure.data) return null;
  const given: Given = { name: "", experimentId: search.experiment ?? "", parameters: {}, pipelineRoot: "" };
  const source: Source = { pipelineId, versionId: version.id };
  return <NewRunForm key={version.id} structure={structure.data} source={source} given={given} about={version.name} />;
}

function FromRun({ runId }: { runId: string }) {
  const text = useText();
  const search = route.useSearch();
  const run = useQuery(runHeader(runId));
  const structure = useQuery(runStructure(runId));
  const spec = useQuery({
    queryKey: ["run", runId, "spec"],
    queryFn: ({ signal }) => inlineSpec(runId, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const failed = [run, structure, spec].find((query) => query.isError);
  if (failed) return <Failure error={failed.error} again={failed.refetch} />;
  if (!run.data || !structure.data || spec.data === undefined) return null;
  const { pipelineId, versionId } = run.data;
  const source: Source = spec.data === null ? { pipelineId, versionId } : { spec: spec.data };
  const given: Given = {
    name: text.newRun.cloneOf(run.data.name),
    experimentId: run.data.experimentId,
    parameters: run.data.parameters,
    pipelineRoot: run.data.pipelineRoot,
    caching: run.data.caching && search.caching !== false,
  };
  return <NewRunForm structure={structure.data} source={source} given={given} about={run.data.name} />;
}
