/** Addresses of Kubeflow's own UI, which the SDK prints, and where they lead here. */

const RULES: [RegExp, (...parts: string[]) => string][] = [
  [/^runs\/details\/([^/]+)$/, (run) => `/runs/${run}`],
  [/^experiments\/details\/([^/]+)$/, (experiment) => `/experiments/${experiment}`],
  [
    /^pipelines\/details\/([^/]+)\/version\/([^/]+)$/,
    (pipeline, version) => `/pipelines/${pipeline}?version=${version}`,
  ],
  [/^pipelines\/details\/([^/]+)$/, (pipeline) => `/pipelines/${pipeline}`],
  [/^recurringrun\/details\/([^/]+)$/, (recurring) => `/recurring/${recurring}`],
  [/^artifacts\/([^/]+)$/, (artifact) => `/artifacts/${artifact}`],
  [/^(runs|experiments|pipelines|artifacts|executions)$/, (list) => `/${list}`],
  [/^recurringruns$/, () => "/recurring"],
];

/** The path for a fragment like `#/runs/details/ID`; null where it is none of Kubeflow's. */
export function fromKubeflow(fragment: string): string | null {
  const path = fragment
    .replace(/^#?\/?/, "")
    .replace(/\?.*$/, "")
    .replace(/\/$/, "");
  for (const [pattern, target] of RULES) {
    const match = pattern.exec(path);
    if (match) return target(...match.slice(1));
  }
  return null;
}
