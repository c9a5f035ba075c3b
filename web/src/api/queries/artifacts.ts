import { queryOptions } from "@tanstack/react-query";
import { api, BASE, data, type Schemas } from "../client";

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
