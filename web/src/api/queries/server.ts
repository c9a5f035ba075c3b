import { queryOptions } from "@tanstack/react-query";
import { api, data } from "../client";

/** The server itself. */
export function serverStatus() {
  return queryOptions({
    queryKey: ["server", "status"],
    queryFn: ({ signal }) => data(api.GET("/apis/pinnace/v1/status", { signal })),
  });
}

/** What takes how much room. */
export function storage() {
  return queryOptions({
    queryKey: ["server", "storage"],
    queryFn: ({ signal }) => data(api.GET("/apis/pinnace/v1/storage", { signal })),
  });
}

/** Python environments that were built for tasks. */
export function environments() {
  return queryOptions({
    queryKey: ["server", "environments"],
    queryFn: async ({ signal }) => (await data(api.GET("/apis/pinnace/v1/environments", { signal }))).environments,
  });
}

/** What a collection would remove now. */
export function garbage() {
  return queryOptions({
    queryKey: ["server", "garbage"],
    queryFn: ({ signal }) => data(api.POST("/apis/pinnace/v1/gc", { body: { dry_run: true }, signal })),
  });
}

/** Remove it. */
export function collectGarbage() {
  return data(api.POST("/apis/pinnace/v1/gc", { body: { dry_run: false } }));
}

/** Pipelines that ship with Pinnace. */
export function samples() {
  return queryOptions({
    queryKey: ["samples"],
    queryFn: async ({ signal }) => (await data(api.GET("/apis/pinnace/v1/samples", { signal }))).samples,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Start one; returns the id of its run. */
export async function startSample(name: string): Promise<string> {
  const params = { path: { sample_name: name } };
  return (await data(api.POST("/apis/pinnace/v1/samples/{sample_name}:start", { params }))).run_id;
}
