import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { instant } from "~/format/time";
import { ApiError, api, ask, BASE, data, type Schemas } from "../client";

const PAGE = 50;

export interface PipelineRow {
  id: string;
  name: string;
  description: string;
  createdAt: number | null;
  tags: Record<string, string>;
}

export interface VersionRow {
  id: string;
  pipelineId: string;
  name: string;
  description: string;
  createdAt: number | null;
  tags: Record<string, string>;
  spec: Record<string, unknown>;
}

export interface Listed<Row> {
  rows: Row[];
  total: number;
  next: string;
}

function pipelineOf(pipeline: Schemas["Pipeline"]): PipelineRow {
  return {
    id: pipeline.pipeline_id ?? "",
    name: pipeline.display_name || pipeline.name || "",
    description: pipeline.description ?? "",
    createdAt: instant(pipeline.created_at),
    tags: pipeline.tags ?? {},
  };
}

function versionOf(version: Schemas["PipelineVersion"]): VersionRow {
  return {
    id: version.pipeline_version_id ?? "",
    pipelineId: version.pipeline_id ?? "",
    name: version.display_name || version.name || "",
    description: version.description ?? "",
    createdAt: instant(version.created_at),
    tags: version.tags ?? {},
    spec: version.pipeline_spec ?? {},
  };
}

/** A filter for the part of a name; encoded once more than the address, as the server decodes it. */
export function nameFilter(part: string | undefined): string {
  if (!part) return "";
  const predicates = [{ operation: "IS_SUBSTRING", key: "display_name", string_value: part }];
  return encodeURIComponent(JSON.stringify({ predicates }));
}

/** Stored pipelines, newest first. */
export function pipelineList(part: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ["pipelines", part ?? ""],
    queryFn: async ({ pageParam, signal }): Promise<Listed<PipelineRow>> => {
      const query = { page_size: PAGE, page_token: pageParam, sort_by: "created_at desc", filter: nameFilter(part) };
      const found = await data(api.GET("/apis/v2beta1/pipelines", { params: { query }, signal }));
      return {
        rows: (found.pipelines ?? []).map(pipelineOf),
        total: found.total_size ?? 0,
        next: found.next_page_token ?? "",
      };
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });
}

/** One pipeline. */
export function pipelineById(pipelineId: string) {
  return queryOptions({
    queryKey: ["pipeline", pipelineId],
    queryFn: async ({ signal }) => {
      const params = { path: { pipeline_id: pipelineId } };
      return pipelineOf(await data(api.GET("/apis/v2beta1/pipelines/{pipeline_id}", { params, signal })));
    },
  });
}

/** The versions of a pipeline, newest first. */
export function versionList(pipelineId: string) {
  return queryOptions({
    queryKey: ["pipeline_versions", pipelineId],
    queryFn: async ({ signal }) => {
      const params = { path: { pipeline_id: pipelineId }, query: { page_size: 200, sort_by: "created_at desc" } };
      const found = await data(api.GET("/apis/v2beta1/pipelines/{pipeline_id}/versions", { params, signal }));
      return (found.pipeline_versions ?? []).map(versionOf);
    },
  });
}

/** The interface and the graphs of a version. They never change. */
export function versionStructure(pipelineId: string, versionId: string) {
  return queryOptions({
    queryKey: ["structure", "version", versionId],
    queryFn: ({ signal }) => {
      const params = { path: { pipeline_id: pipelineId, pipeline_version_id: versionId } };
      const path = "/apis/pinnace/v1/pipelines/{pipeline_id}/versions/{pipeline_version_id}/structure";
      return data(api.GET(path, { params, signal }));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export interface Upload {
  file: File;
  name: string;
  /** The pipeline that gets a version; a new pipeline without it. */
  pipelineId?: string;
}

/** Store a pipeline, or a version of one; returns the pipeline's id. Throws with every fault of the file. */
export async function upload({ file, name, pipelineId }: Upload): Promise<string> {
  const form = new FormData();
  form.append("uploadfile", file);
  const query = new URLSearchParams({ name, ...(pipelineId ? { pipelineid: pipelineId } : {}) });
  const path = `${BASE}/apis/v2beta1/pipelines/${pipelineId ? "upload_version" : "upload"}?${query}`;
  const answer = await ask(path, { method: "POST", body: form });
  const body: { pipeline_id?: string; error_message?: string } = await answer.json();
  if (!answer.ok) throw new ApiError(answer.status, body.error_message ?? answer.statusText);
  return body.pipeline_id ?? "";
}

/** Delete pipelines with all of their versions. */
export async function deletePipelines(ids: Iterable<string>): Promise<void> {
  for (const id of ids) {
    const params = { path: { pipeline_id: id }, query: { cascade: "true" } };
    await api.DELETE("/apis/v2beta1/pipelines/{pipeline_id}", { params });
  }
}
