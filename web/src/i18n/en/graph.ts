export const graph = {
  loop: (items: string, parallelism: number) =>
    parallelism > 0 ? `for each of ${items}, ${parallelism} at a time` : `for each of ${items}`,
  condition: (expression: string) => `if ${expression}`,
  exit: "always at the end",
  importer: "imports an artifact",
};
