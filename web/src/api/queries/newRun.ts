import { api, data, type Schemas } from "../client";

/** The pipeline that a new run takes: a stored version, or the document of another run. */
export type Source = { pipelineId: string; versionId: string } | { spec: Record<string, unknown> };

export interface NewRun {
  name: string;
  description: string;
  source: Source;
  experimentId: string;
  parameters: Record<string, unknown>;
  pipelineRoot: string;
  caching: boolean;
  environment: "" | "inherit" | "isolated";
}

/** Start a run; returns its id. */
export async function createRun(wanted: NewRun): Promise<string> {
  const body: Schemas["Run"] = {
    display_name: wanted.name,
    description: wanted.description,
    experiment_id: wanted.experimentId,
    runtime_config: { parameters: wanted.parameters, pipeline_root: wanted.pipelineRoot },
    ...("spec" in wanted.source
      ? { pipeline_spec: wanted.source.spec }
      : {
          pipeline_version_reference: {
            pipeline_id: wanted.source.pipelineId,
            pipeline_version_id: wanted.source.versionId,
          },
        }),
  };
  const header = {
    ...(wanted.environment ? { "Pinnace-Environment": wanted.environment } : {}),
    ...(wanted.caching ? {} : { "Pinnace-Caching": "false" }),
  };
  const run = await data(api.POST("/apis/v2beta1/runs", { body, params: { header } }));
  return run.run_id ?? "";
}

/** The document of a run that was made without a stored pipeline; null for the others. */
export async function inlineSpec(runId: string, signal: AbortSignal): Promise<Record<string, unknown> | null> {
  const run = await data(api.GET("/apis/v2beta1/runs/{run_id}", { params: { path: { run_id: runId } }, signal }));
  return run.pipeline_spec ?? null;
}
