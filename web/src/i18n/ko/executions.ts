import type { Messages } from "../en";

export const executions: Messages["executions"] = {
  total: (count) => `작업 ${count.toLocaleString("ko")}개`,
  search: "단계 이름의 일부",
  anyState: "모든 상태",
  step: "단계",
  emptyTitle: "아직 실행된 단계가 없습니다",
  emptyHint: "모든 실행의 모든 단계가 최신순으로 나타납니다. Python에서 실행을 시작해 보세요:",
  emptyFiltered: "필터에 맞는 작업이 없습니다.",
};
