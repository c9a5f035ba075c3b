import type { Messages } from "../en";

export const timeline: Messages["timeline"] = {
  bars: { queued: "대기", ran: "실행", failed: "실패한 시도", group: "단계 묶음" },
  onlyCritical: (count) => `임계 경로만 (${count}단계)`,
  zoomIn: "확대",
  zoomOut: "축소",
  fit: "전체 보기",
};
