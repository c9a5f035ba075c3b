import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { ArtifactListSearch, ArtifactSearch } from "~/app/search";
import { api, BASE, data, type Schemas } from "../client";

export type ArtifactLine = Schemas["ArtifactLine"];
export type ArtifactView = Schemas["ArtifactView"];
export type ArtifactUse = Schemas["ArtifactUse"];
export type Lineage = Schemas["Lineage"];
export type Preview = Schemas["ArtifactPreview"];

/** How an artifact, or the file at *path* in it, begins. */
export function artifactPreview(artifactId: string, path: string, size: number) {
  return queryOptions({
    queryKey: ["artifact", artifactId, "preview", path, size],
    queryFn: ({ signal }) => {
      const params = { path: { artifact_id: artifactId }, query: { path, bytes: size } };
      return data(api.GET("/apis/pinnace/v1/artifacts/{artifact_id}:preview", { params, signal }));
    },
    // What an artifact holds does not change, and previews may be large.
    staleTime: 60_000,
  });
}

/** Where the content of an artifact, or of the file at *path* in it, comes from. *inline* is to be shown, not saved. */
export function contentAddress(artifactId: string, path: string, inline = false): string {
  const query = new URLSearchParams({ ...(path ? { path } : {}), ...(inline ? { inline: "true" } : {}) }).toString();
  const address = `${BASE}/apis/pinnace/v1/artifacts/${encodeURIComponent(artifactId)}:download`;
  return query ? `${address}?${query}` : address;
}

const PAGE = 50;
const DEPTH = 3;

/** Artifacts of all runs with what made each, newest first. */
export function artifactList({ q, kind }: ArtifactListSearch) {
  return infiniteQueryOptions({
    queryKey: ["artifacts", q ?? "", kind ?? ""],
    queryFn: ({ pageParam, signal }) => {
      const query = { page_size: PAGE, page_token: pageParam, name: q ?? "", ...(kind ? { kind } : {}) };
      return data(api.GET("/apis/pinnace/v1/artifacts", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next_page_token || undefined,
    placeholderData: keepPreviousData,
  });
}

/** An artifact with what made it and what used it. */
export function artifactById(artifactId: string) {
  return queryOptions({
    queryKey: ["artifact", artifactId],
    queryFn: ({ signal }) => {
      const params = { path: { artifact_id: artifactId } };
      return data(api.GET("/apis/pinnace/v1/artifacts/{artifact_id}", { params, signal }));
    },
  });
}

const DIRECTIONS = { both: "BOTH", back: "BACKWARD", forward: "FORWARD" } as const;

/** Artifacts and tasks around an artifact, across runs. */
export function artifactLineage(artifactId: string, way: ArtifactSearch["way"], depth = DEPTH) {
  return queryOptions({
    queryKey: ["artifact", artifactId, "lineage", way ?? "both", depth],
    queryFn: ({ signal }) => {
      const params = { path: { artifact_id: artifactId }, query: { direction: DIRECTIONS[way ?? "both"], depth } };
      return data(api.GET("/apis/pinnace/v1/artifacts/{artifact_id}/lineage", { params, signal }));
    },
    placeholderData: keepPreviousData,
  });
}

/** How many tasks away a lineage goes where nothing else is asked for. */
export const LINEAGE_DEPTH = DEPTH;
