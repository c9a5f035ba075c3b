import type { Messages } from "../en";

export const search: Messages["search"] = {
  open: "검색",
  placeholder: "실행, 파이프라인, 실험 검색 …",
  nothing: "결과가 없습니다.",
};
