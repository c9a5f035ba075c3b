import type { Structure } from "~/graph/model";

/** The task of the pipeline at a path without iterations, keys joined by "/". */
export function structureTask(structure: Structure, path: string): Structure["graphs"][string][number] | null {
  let component = "root";
  let found: Structure["graphs"][string][number] | null = null;
  for (const key of path.split("/")) {
    found = structure.graphs[component]?.find((task) => task.key === key) ?? null;
    if (found === null) return null;
    component = found.component;
  }
  return found;
}
