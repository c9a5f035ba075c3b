import type { Messages } from "../en";

export const nav: Messages["nav"] = {
  label: "주 메뉴",
  home: "홈",
  runs: "실행",
  pipelines: "파이프라인",
  experiments: "실험",
  recurring: "반복 실행",
  artifacts: "아티팩트",
  executions: "작업 내역",
  settings: "설정",
  collapse: "메뉴 좁히기",
  expand: "메뉴 넓히기",
  skip: "본문으로 건너뛰기",
  menu: "메뉴",
  more: "더 보기",
};
