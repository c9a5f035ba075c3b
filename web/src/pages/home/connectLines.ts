import { BASE } from "~/api/client";

/** How the SDK finds this server. */
export function connectLines(): string {
  return [
    "import kfp",
    `client = kfp.Client(host="${window.location.origin}${BASE}")`,
    "client.create_run_from_pipeline_func(my_pipeline)",
  ].join("\n");
}
