import type { Messages } from "../en";

export const graph: Messages["graph"] = {
  loop: (items, parallelism) => (parallelism > 0 ? `${items} 각각, 동시에 ${parallelism}개` : `${items} 각각`),
  condition: (expression) => `조건: ${expression}`,
  exit: "마지막에 항상 실행",
  importer: "아티팩트 가져오기",
};
