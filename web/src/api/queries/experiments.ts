import { queryOptions } from "@tanstack/react-query";
import { api, data } from "../client";

export interface ExperimentName {
  id: string;
  name: string;
}

/** The newest experiments that are not archived, to choose from. */
export function experimentNames() {
  return queryOptions({
    queryKey: ["experiments", "names"],
    queryFn: async ({ signal }): Promise<ExperimentName[]> => {
      const predicates = [{ operation: "EQUALS", key: "storage_state", string_value: "AVAILABLE" }];
      const filter = encodeURIComponent(JSON.stringify({ predicates }));
      const query = { page_size: 200, sort_by: "last_run_created_at desc", filter };
      const found = await data(api.GET("/apis/v2beta1/experiments", { params: { query }, signal }));
      return (found.experiments ?? []).map((each) => ({
        id: each.experiment_id ?? "",
        name: each.display_name ?? "",
      }));
    },
  });
}
