import type { Messages } from "../en";

export const home: Messages["home"] = {
  running: "실행 중",
  runningNone: "실행 중인 것이 없습니다.",
  failed: "최근 실패",
  failedNone: "지난 한 주 동안 실패가 없습니다.",
  next: "다음 예정",
  nextNone: "사용 중인 반복 실행이 없습니다.",
  welcome: "이 컴퓨터에서 쓰는 Kubeflow Pipelines",
  connect: "SDK 연결",
  connectHint: "스크립트나 노트북에서 세 줄이면 됩니다:",
  recent: "최근 실행",
};
