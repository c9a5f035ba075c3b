import type { Messages } from "../en";

export const search: Messages["search"] = {
  open: "검색",
  title: "전체 검색",
  placeholder: "실행, 파이프라인, 아티팩트, 명령 …",
  nothing: "이름이나 ID에 이 글자가 들어간 항목이 없습니다.",
  searching: "검색 중 …",
  recent: "최근 실행",
  pages: "페이지",
  actions: "명령",
  found: (count) => `결과 ${count}개`,
  move: "이동",
  choose: "열기",
  close: "닫기",
  upload: "파이프라인 업로드",
  theme: (name) => `테마: ${name}`,
  language: (name) => `언어: ${name}`,
  zone: (name) => `시간대: ${name}`,
  keys: "모든 단축키 보기",
};
