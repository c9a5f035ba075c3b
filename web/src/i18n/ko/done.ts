import type { Messages } from "../en";

export const done: Messages["done"] = {
  region: "알림",
  undo: "실행 취소",
  undone: "되돌렸습니다",
  failed: "처리하지 못했습니다",
  terminated: (count) => `실행 ${count}개를 중지합니다`,
  retried: (count) => `실행 ${count}개를 다시 시작했습니다`,
  archived: (count) => `실행 ${count}개를 보관했습니다`,
  restored: (count) => `실행 ${count}개를 복원했습니다`,
  deleted: (count) => `실행 ${count}개를 삭제했습니다`,
  pipelinesDeleted: (count) => `파이프라인 ${count}개를 삭제했습니다`,
  experimentArchived: "실험과 그 실행을 보관했습니다",
  experimentRestored: "실험을 복원했습니다",
  experimentDeleted: "실험을 삭제했습니다",
};
