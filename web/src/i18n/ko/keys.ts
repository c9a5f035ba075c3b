import type { Messages } from "../en";

export const keys: Messages["keys"] = {
  title: "단축키",
  everywhere: "어디서나",
  places: "페이지 이동",
  list: "목록에서",
  page: "이 페이지에서",
  followedBy: "다음에",
  search: "전체 검색",
  sheet: "단축키 보기",
  newRun: "새 실행",
  next: "다음 행",
  previous: "이전 행",
  open: "행 열기",
  select: "행 선택 또는 해제",
};
