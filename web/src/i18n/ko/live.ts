import type { Messages } from "../en";

export const live: Messages["live"] = {
  live: "실시간",
  liveHint: "변경 사항이 바로 나타납니다.",
  lost: "연결 끊김",
  lostHint: "서버가 응답하지 않습니다. 보이는 내용이 오래되었을 수 있으며, 자동으로 다시 연결합니다.",
  polling: "몇 초마다 확인 중",
};
