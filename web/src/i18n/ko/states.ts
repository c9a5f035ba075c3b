import type { Messages } from "../en";

export const states: Messages["states"] = {
  PENDING: "대기 중",
  RUNNING: "실행 중",
  SUCCEEDED: "성공",
  SKIPPED: "건너뜀",
  FAILED: "실패",
  CANCELING: "중지하는 중",
  CANCELED: "중지됨",
  PAUSED: "일시 중지",
  CACHED: "캐시 사용",
  UNKNOWN: "알 수 없음",
};
