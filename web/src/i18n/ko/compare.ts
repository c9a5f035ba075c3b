import type { Messages } from "../en";

export const compare: Messages["compare"] = {
  title: "비교",
  hint: "실행 목록에서 2개에서 20개까지 선택하면 여기에서 비교할 수 있습니다.",
  choose: "실행 선택",
  differences: "차이만",
  everything: "전체",
  run: "실행",
  metrics: "메트릭",
  parameters: "파라미터",
  same: "모든 실행의 파라미터가 같습니다.",
  noMetrics: "기록된 메트릭이 없습니다.",
  best: "최대",
  remove: (name) => `${name} 제외`,
};
