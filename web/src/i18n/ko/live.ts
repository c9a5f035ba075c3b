import type { Messages } from "../en";

export const live: Messages["live"] = {
  live: "실시간",
  liveHint: "변경 사항이 바로 나타납니다.",
  lost: "연결 끊김",
  lostHint: "서버가 응답하지 않습니다. 보이는 내용이 오래되었을 수 있으며, 자동으로 다시 연결합니다.",
  lostSince: (time) => `${time} 기준의 내용입니다.`,
  polling: "몇 초마다 확인 중",
  pollingHint: "지금은 변경 사항이 자동으로 전달되지 않아 몇 초마다 다시 확인합니다.",
  back: "다시 연결되었습니다",
};
