import type { Messages } from "../en";

export const log: Messages["log"] = {
  search: "로그에서 찾기",
  hits: (at, count) => (at > 0 ? `${count}개 중 ${at}번째` : `${count}개 찾음`),
  noHits: "찾지 못함",
  nextHit: "다음 결과",
  previousHit: "이전 결과",
  level: "수준",
  levels: { all: "모든 줄", warnings: "경고와 오류", errors: "오류" },
  download: "로그 내려받기",
  whole: "처음부터 보기",
  wholeHint: "마지막 줄만 불러와서 그 안에서만 찾습니다",
  earlier: "이전 줄을 불러오는 중 …",
};
