import type { Messages } from "../en";

export const experiments: Messages["experiments"] = {
  total: (count) => `실험 ${count.toLocaleString("ko")}개`,
  create: "새 실험",
  lastRun: "마지막 실행",
  empty: "필터에 맞는 실험이 없습니다.",
  emptyHint: "실험은 실행의 묶음입니다. 실행에 실험 이름을 지정하면 여기에 나타납니다.",
  archiveTitle: (name) => `${name}을(를) 보관할까요?`,
  archiveHint: "모든 실행이 함께 보관되고 반복 실행은 꺼집니다.",
  deleteTitle: (name) => `${name}을(를) 삭제할까요?`,
  deleteHint: "실험만 삭제됩니다. 실행은 묶음 없이 남습니다.",
};
